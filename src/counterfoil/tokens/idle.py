"""What nobody uses is switched off, where the policy says after how many days (G12e).

It can be switched on again, by its owner too, and has as many days again then. Its holder is told.

While a gate on another host may have let somebody in of whom it has not told yet, nobody knows what
is used, and nothing is switched off (decision 103).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from sqlalchemy import Connection

from counterfoil import directory, gates
from counterfoil.access.caller import Method
from counterfoil.kernel.ids import OrganizationId, Prefix, TokenId, spell
from counterfoil.operation import Work, operation
from counterfoil.tokens.model import Token
from counterfoil.tokens.steps.change import switch
from counterfoil.tokens.steps.notify import LASTING
from counterfoil.tokens.store import lasting, rows

_TOGETHER: Final = 500
"""So many tokens of an organization are switched off in one sweep; the next one goes on."""


@operation("token.disable_idle", requires=None, methods=frozenset({Method.SYSTEM}), vital=True)
def disable_idle(work: Work, id_: TokenId) -> Token:
    """Switch a token off that nobody uses, unless somebody just did or the policy changed."""
    here = work.caller.organization
    days = directory.policy(work.tx, here).idle_days
    token = rows.hold(work.tx, here, id_, LASTING)
    work.permit(target=spell(Prefix.TOKEN, id_))
    if days is None or gates.awaited(work.tx, work.now):
        return token
    since = work.now - timedelta(days=days)
    found = list(lasting.idle(work.tx, here, work.now, LASTING, since=since, only=id_))
    return switch(work, token, on=False, idle_days=days) if found else token


def idle_by_now(tx: Connection, now: datetime) -> Iterator[tuple[OrganizationId, TokenId]]:
    """Yield the tokens that are to be switched off, where a policy says so, some at a time."""
    after = directory.idle_after(tx)
    if not after or gates.awaited(tx, now):
        return
    for where, days in after.items():
        found = lasting.idle(tx, where, now, LASTING, since=now - timedelta(days=days))
        yield from ((where, one.id) for one in islice(found, _TOGETHER))
