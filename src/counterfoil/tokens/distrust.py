"""Tokens that somebody changed in the database go, and it stands in the trail (S5).

A gate that has followed the feed knows such a token as it was, and one that is built anew does not
know it at all. Nobody can say which of both somebody wanted: so it is over. The same becomes of one
that somebody put back as it was earlier, seal and all, where that opens more than this host was
told last.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from counterfoil import directory
from counterfoil.access.caller import Method
from counterfoil.feed.known import CHANGED, EARLIER, Known, is_put_back
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.office import Office
from counterfoil.operation import Work, operation
from counterfoil.runtime.embedded import at_all
from counterfoil.secret import Kind
from counterfoil.tokens.model import Token
from counterfoil.tokens.steps.end import end
from counterfoil.tokens.steps.record import record_of
from counterfoil.tokens.store import rows, sealed
from counterfoil.tokens.store.at_home import EVERY_KIND
from counterfoil.tokens.store.secrets import Kept, kept_of, live

AT_ONCE: Final = 2_000
"""So many tokens a turn looks at."""


@operation(
    "token.distrust", requires=None, methods=frozenset({Method.SYSTEM}), surface=None, vital=True
)
def distrust(work: Work, token: Token, why: str) -> Token:
    """Revoke a token for good whose rows somebody else has written."""
    work.permit(target=spell(Prefix.TOKEN, token.id))
    work.note(why)
    return end(work, [token])[0]


class Rounds:
    """Goes through the live tokens of an installation, some at a turn, and begins again.

    Args:
        office: of the installation.
        known: what this host was told last; None where nobody can say.
    """

    def __init__(self, office: Office, known: Known | None = None) -> None:
        self._office = office
        self._known = known
        self._last = 0

    def turn(self) -> int:
        """Look at the next tokens; return how many were revoked."""
        with self._office.database.reading() as tx, at_all(tx):
            found = sealed.live_after(tx, self._last, AT_ONCE)
            kept = kept_of(tx, [one.id for one in found]) if self._known else {}
        self._last = found[-1].id if len(found) == AT_ONCE else 0
        return sum(
            self._ended(token)
            for token in found
            if not token.is_sound or self._exceeds(token, kept)
        )

    def _exceeds(self, token: Token, kept: Mapping[int, Kept]) -> bool:
        """Say whether a token seems to give more than was told; no gate is told of a pair."""
        if self._known is None or token.kind is Kind.CLIENT:
            return False
        return self._known.exceeded_by(record_of(token, tuple(kept[token.id].living)))

    def _ended(self, token: Token) -> bool:
        here, what = token.live_grants[0].organization, spell(Prefix.TOKEN, token.id)
        return directory.close_amiss(self._office, here, what, partial(self._end, id_=token.id))

    def _end(self, work: Work, id_: TokenId) -> None:
        held = rows.hold(work.tx, work.caller.organization, id_, EVERY_KIND)
        if why := self._why(work, held):
            distrust(work, held, why)

    def _why(self, work: Work, token: Token) -> str:
        """Say what is wrong with a token that is held now; empty for nothing."""
        if not token.is_sound:
            return CHANGED
        if self._known is None or token.kind is Kind.CLIENT or not token.live_grants:
            return ""
        head, event = work.head(hold=True), record_of(token, live(work.tx, token.id))
        return EARLIER if is_put_back(self._known, event, head) else ""
