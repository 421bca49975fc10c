"""Steps around requests: to open one, to close one, and to say who could decide it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from counterfoil import directory
from counterfoil.directory import Policy, User
from counterfoil.kernel.ids import OrganizationId, RequestId, UserId
from counterfoil.operation import Work
from counterfoil.tokens.approval import needs_second
from counterfoil.tokens.model import State, Token
from counterfoil.tokens.request_model import Asking, Request, RequestKind, RequestState
from counterfoil.tokens.steps.notify import told_asked, told_closed, told_turned_down
from counterfoil.tokens.steps.record import put
from counterfoil.tokens.store import requests as store_requests


@dataclass(frozen=True, slots=True)
class Decided:
    """A request, what its token is now, who asked, and how many people can decide it.

    `missing` is how many of them must still approve it: none once it is closed.
    """

    request: Request
    token: Token
    requester: User
    approvers: int
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Edited:
    """A token after a change, and its open request, if it has one.

    `waits` says whether something of the change must be approved.
    """

    token: Token
    request: Request | None = None
    waits: bool = False


def ask(
    work: Work, token: Token, asking: Asking, organization: OrganizationId, rules: Policy
) -> Request:
    """Open a request of the token's owner; an open one of the same token must be closed before.

    It lapses with its token at the latest: from then on nobody could approve it.
    """
    assert token.owner is not None  # noqa: S101 - who has no owner asks nobody
    lapses_at = directory.after(work.now, rules.request_lapse)
    new = Request(
        id=RequestId(work.new_id()),
        organization=organization,
        token=token.id,
        requester=token.owner,
        kind=asking.kind,
        bounds=asking.bounds,
        expires_at=asking.expires_at,
        created_at=work.now,
        lapses_at=min(lapses_at, token.expires_at or lapses_at),
        justification=asking.justification,
    )
    store_requests.add(work.tx, new)
    told_asked(work, new, token)
    return new


def close(work: Work, requests: Iterable[Request]) -> None:
    """Cancel requests that something else has settled."""
    for one in requests:
        done = one.decided(RequestState.CANCELLED, work.caller.user, work.now)
        store_requests.save(work.tx, one, done)
        told_closed(work, one)


def shorten(work: Work, token: Token) -> None:
    """Have the open requests of a token, wherever they wait, ask for the end that it has now."""
    for one in store_requests.open_requests_of(work.tx, token.id):
        store_requests.save(work.tx, one, one.shortened(token.expires_at))


def others_who_approve(work: Work, organization: OrganizationId, user: UserId) -> int:
    """Count the active people who could decide what this user asks for (A10d)."""
    return sum(one != user for one in directory.approvers(work.tx, organization))


def who_decide(work: Work, request: Request) -> list[UserId]:
    """Return the active people who can decide a request, or approve it second (A10d, S22)."""
    done = {request.requester, request.agreed_by}
    return [one for one in directory.approvers(work.tx, request.organization) if one not in done]


def decided(work: Work, done: Request, token: Token) -> Decided:
    """Return a request that somebody decided, or approved first, with all that is told of it."""
    approvers = others_who_approve(work, done.organization, done.requester)
    requester = directory.user(work.tx, done.requester)
    return Decided(done, token, requester, approvers, missing(work, done))


def missing(work: Work, request: Request, rules: Policy | None = None) -> int:
    """Count how many people must still approve a request; none of one that is closed (S22).

    A first approval counts as long as whoever gave it may approve here.
    """
    if request.state is not RequestState.OPEN:
        return 0
    here = request.organization
    rules = rules or directory.policy(work.tx, here)
    if not needs_second(rules, work.vocabulary(), request.bounds.scopes):
        return 1
    return 1 if request.agreed_by in directory.approvers(work.tx, here) else 2


_DIES: dict[RequestState, State] = {
    RequestState.DENIED: State.DENIED,
    RequestState.CANCELLED: State.REVOKED,
    RequestState.LAPSED: State.LAPSED,
}


def turn_down(
    work: Work, request: Request, token: Token, state: RequestState, reason: str | None = None
) -> Decided:
    """Close a request without giving what it asks for; a token that it was to bring dies."""
    done = request.decided(state, work.caller.user, work.now, reason)
    store_requests.save(work.tx, request, done)
    told_closed(work, done)
    told_turned_down(work, done, token)
    if request.kind is RequestKind.WIDEN:
        return decided(work, done, token)
    after = token.closed(request.organization, _DIES[state])
    if not after.live_grants:
        after = replace(after, revoked_at=work.now)
    return decided(work, done, put(work, token, after))
