"""Steps around requests: to open one, to close one, and to say who could decide it."""

from __future__ import annotations

from collections.abc import Iterable

from counterfoil import directory
from counterfoil.directory import Policy
from counterfoil.kernel.ids import OrganizationId, RequestId, UserId
from counterfoil.operation import Work
from counterfoil.tokens import store_request
from counterfoil.tokens.asking import Asking, Request, RequestState
from counterfoil.tokens.model import Token


def ask(
    work: Work, token: Token, asking: Asking, organization: OrganizationId, rules: Policy
) -> Request:
    """Open a request of the token's owner; an open one of the same token must be closed before."""
    assert token.owner is not None  # noqa: S101 - who has no owner asks nobody
    new = Request(
        id=RequestId(work.new_id()),
        organization=organization,
        token=token.id,
        requester=token.owner,
        kind=asking.kind,
        bounds=asking.bounds,
        expires_at=asking.expires_at,
        created_at=work.now,
        lapses_at=directory.after(work.now, rules.request_lapse),
        justification=asking.justification,
    )
    store_request.add(work.tx, new)
    return new


def close(work: Work, requests: Iterable[Request]) -> None:
    """Cancel requests that something else has settled."""
    for one in requests:
        done = one.decided(RequestState.CANCELLED, work.caller.user, work.now)
        store_request.save(work.tx, one, done)


def others_who_approve(work: Work, organization: OrganizationId, user: UserId) -> int:
    """Count the active people who could decide what this user asks for (A10d)."""
    return sum(one != user for one in directory.approvers(work.tx, organization))
