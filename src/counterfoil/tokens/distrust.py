"""Tokens that somebody changed in the database go, and it stands in the trail (S5).

A gate that has followed the feed knows such a token as it was, and one that is built anew does not
know it at all. Nobody can say which of both somebody wanted: so it is over.
"""

from __future__ import annotations

from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from counterfoil.access.caller import Caller, Method, Origin
from counterfoil.access.grant import Grant
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import OrganizationId, Prefix, TokenId, spell
from counterfoil.office import Office
from counterfoil.operation import Work, operation
from counterfoil.tokens.model import Token
from counterfoil.tokens.steps.end import end
from counterfoil.tokens.store import rows, sealed
from counterfoil.tokens.store.at_home import EVERY_KIND

AT_ONCE: Final = 2_000
"""So many tokens a turn looks at."""

_ORIGIN: Final = Origin("sweep")
_WHY: Final = "its row is not as it was sealed: somebody changed it in the database"

log = structlog.get_logger(__name__)


@operation(
    "token.distrust", requires=None, methods=frozenset({Method.SYSTEM}), surface=None, vital=True
)
def distrust(work: Work, id_: TokenId) -> Token:
    """Revoke a token for good whose rows are not as they were sealed."""
    work.permit(target=spell(Prefix.TOKEN, id_))
    token = rows.hold(work.tx, work.caller.organization, id_, EVERY_KIND)
    if token.is_sound:
        return token
    work.note(_WHY)
    return end(work, [token])[0]


class Rounds:
    """Goes through the live tokens of an installation, some at a turn, and begins again."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._last = 0

    def turn(self) -> int:
        """Look at the next tokens; return how many were revoked."""
        with self._office.database.reading() as tx:
            found = sealed.live_after(tx, self._last, AT_ONCE)
        self._last = found[-1].id if len(found) == AT_ONCE else 0
        return sum(self._ended(token) for token in found if not token.is_sound)

    def _ended(self, token: Token) -> bool:
        here = token.live_grants[0].organization
        log.error("a token was changed in the database", token=spell(Prefix.TOKEN, token.id))
        try:
            with self._office.work(_office_of(here), _ORIGIN) as work:
                distrust(work, token.id)
        except (CounterfoilError, SQLAlchemyError) as error:
            log.warning("something due waits", organization=here, error=type(error).__name__)
            return False
        return True


def _office_of(organization: OrganizationId) -> Caller:
    return Caller(organization, None, Method.SYSTEM, Grant(()))
