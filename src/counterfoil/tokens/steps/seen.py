"""Permission for what is somebody's own: whoever may not know of it learns nothing of it."""

from __future__ import annotations

from counterfoil.access.scope import Scope
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import UserId
from counterfoil.operation import Work


def permit_seen(
    work: Work, owner: UserId | None, target: str, *, by: Scope = Scope.TOKENS_APPROVE
) -> None:
    """Ask for permission to do this on a thing of somebody's (`tok_…`, `req_…`).

    Everybody's are seen by who holds the scope `by`.

    Raises:
        NotFound: to who is neither its owner nor sees everybody's: for them it is like one that
            never was. The trail has what they tried.
        Denied: to who sees it, and may not do this.
    """
    work.aims_at(target)
    if owner != work.caller.user and not work.caller.grant.scopes & by.bit:
        raise NotFound
    work.permit(owner=owner, target=target)
