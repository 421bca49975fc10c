"""Locking an API token while it is edited, and releasing it (Q14)."""

from __future__ import annotations

from counterfoil.access.scope import Scope
from counterfoil.content import Lock, Thing
from counterfoil.content.steps import locking
from counterfoil.kernel.errors import Code, NotFound
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens.model import LIVE, Token
from counterfoil.tokens.steps.authority import MANAGERS, require_administrator
from counterfoil.tokens.store import rows

_API = (Kind.SERVICE,)


@operation("api_token.lock", requires=Scope.TOKENS_MANAGE, methods=MANAGERS)
def lock_api_token(work: Work, id_: TokenId) -> Lock:
    """Lock an API token, or keep it locked: as long as the policy says, or until it is released."""
    return locking.take(work, Thing.TOKEN, _live(work, id_, hold=True).id)


@operation("api_token.release", requires=Scope.TOKENS_MANAGE, methods=MANAGERS)
def release_api_token(work: Work, id_: TokenId) -> None:
    """Release an API token: one's own lock, or anybody's with `policy:manage`."""
    locking.release(work, Thing.TOKEN, _live(work, id_, hold=True).id)


@operation("api_token.show_lock", requires=Scope.TOKENS_MANAGE, methods=MANAGERS, reads=True)
def show_api_token_lock(work: Work, id_: TokenId) -> Lock:
    """Show who has locked an API token.

    Raises:
        NotFound: if nobody has.
    """
    lock = locking.lock_on(work, Thing.TOKEN, _live(work, id_, hold=False).id)
    if lock is None:
        raise NotFound(Code.NOT_FOUND, "Nobody has locked it.")
    return lock


def _live(work: Work, id_: TokenId, *, hold: bool) -> Token:
    """Return an API token that lives; held, so that of two who lock it one comes second."""
    here = work.caller.organization
    token = (rows.hold if hold else rows.token)(work.tx, here, id_, _API)
    work.permit(target=spell(Prefix.TOKEN, id_))
    require_administrator(work)
    if token.state_in(here) not in LIVE:
        raise NotFound
    return token
