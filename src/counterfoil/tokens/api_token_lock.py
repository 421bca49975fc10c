"""Locking an API token while it is edited, and releasing it (Q14)."""

from __future__ import annotations

from counterfoil.access.scope import Scope
from counterfoil.content import Lock, Thing
from counterfoil.content.steps import locking
from counterfoil.kernel.errors import Code, NotFound
from counterfoil.kernel.ids import TokenId
from counterfoil.operation import Work, operation
from counterfoil.tokens.steps.authority import MANAGERS
from counterfoil.tokens.steps.seen import api_token_seen


@operation("api_token.lock", requires=Scope.TOKENS_MANAGE, methods=MANAGERS)
def lock_api_token(work: Work, id_: TokenId) -> Lock:
    """Lock an API token, or keep it locked: as long as the policy says, or until it is released."""
    return locking.take(work, Thing.TOKEN, api_token_seen(work, id_, hold=True).id)


@operation("api_token.release", requires=Scope.TOKENS_MANAGE, methods=MANAGERS)
def release_api_token(work: Work, id_: TokenId) -> None:
    """Release an API token: one's own lock, or anybody's with `policy:manage`."""
    locking.release(work, Thing.TOKEN, api_token_seen(work, id_, hold=True).id)


@operation("api_token.show_lock", requires=Scope.TOKENS_MANAGE, methods=MANAGERS, reads=True)
def show_api_token_lock(work: Work, id_: TokenId) -> Lock:
    """Show who has locked an API token.

    Raises:
        NotFound: if nobody has.
    """
    lock = locking.lock_on(work, Thing.TOKEN, api_token_seen(work, id_).id)
    if lock is None:
        raise NotFound(Code.NOT_FOUND, "Nobody has locked it.")
    return lock
