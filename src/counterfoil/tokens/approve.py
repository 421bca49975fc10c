"""Somebody else decides what a member asked for (A8, A9, A11, S22)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from msgspec import UnsetType

from counterfoil import directory
from counterfoil.access.scope import Scope
from counterfoil.directory import Member
from counterfoil.kernel.errors import Code, Conflict, Denied, Invalid, NotFound
from counterfoil.kernel.ids import Prefix, RequestId, spell
from counterfoil.kernel.version import require_version
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens import policy
from counterfoil.tokens.bounds import Bounds
from counterfoil.tokens.model import Token
from counterfoil.tokens.request_model import Request, RequestKind, RequestState
from counterfoil.tokens.steps.change import require_life
from counterfoil.tokens.steps.changes import tell_change
from counterfoil.tokens.steps.notify import told_agreed, told_approved, told_closed
from counterfoil.tokens.steps.plan import active, caller_member, lineage_of, require_bounds
from counterfoil.tokens.steps.record import put
from counterfoil.tokens.steps.requests import Decided, decided, missing, turn_down
from counterfoil.tokens.steps.seen import permit_seen
from counterfoil.tokens.store import requests, rows
from counterfoil.tokens.wish import Wish

_PERSONAL = (Kind.PERSONAL,)


@operation("token_request.approve", requires=Scope.TOKENS_APPROVE, fresh=True)
def approve(work: Work, id_: RequestId, version: int, narrower: Wish, reason: str = "") -> Decided:
    """Approve a request, perhaps for less than was asked.

    Where the policy wants two people, the first approval leaves it open, asking for what it gives.

    Args:
        work: an approver's.
        id_: the request.
        version: of the request that they read.
        narrower: scopes, roots, surfaces, conditions and end, where they shall be less than asked.
        reason: what whoever asks reads beside it; of two who approve, the first's unless the second
            writes another.
    """
    request, token = _held(work, id_)
    work.permit(target=spell(Prefix.REQUEST, id_))
    _somebody_elses(work, request)
    said = policy.remark(reason, "reason") or request.reason
    require_version(request.version, version, state=str(request.state))
    request.open_at(work.now)
    token.changeable(request.organization, work.now)
    work.head(hold=True)  # from here on nobody is promoted, demoted or dismissed before we commit
    _require_approver(work, request)
    requester = _requester(work, token, request)
    bounds = _agreed(work, request, narrower, requester)
    expires_at = _end(work, token, request, narrower)
    require_life(narrower, bounds, expires_at)
    agreed = request.agreed(work.caller.user, bounds, expires_at, work.now, said)
    if not _is_enough(work, request, agreed):
        requests.save(work.tx, request, agreed)
        told_agreed(work, agreed)
        return decided(work, agreed, token)
    if request.kind is RequestKind.NEW:
        after = token.activated(request.organization, bounds, expires_at, work.now)
    else:
        after = replace(token.bounded(request.organization, bounds), expires_at=expires_at)
    done = request.decided(RequestState.APPROVED, work.caller.user, work.now, said)
    requests.save(work.tx, request, done)
    told_closed(work, done)
    told_approved(work, request, after, narrowed=agreed.narrowed, reason=said)
    tell_change(work, token, after, of=spell(Prefix.REQUEST, id_))
    return decided(work, done, put(work, token, after))


@operation("token_request.deny", requires=Scope.TOKENS_APPROVE)
def deny(work: Work, id_: RequestId, version: int, reason: str) -> Decided:
    """Deny a request, and say why. A new token dies of it; an active one stays as it is."""
    request, token = _held(work, id_)
    work.permit(target=spell(Prefix.REQUEST, id_))
    _somebody_elses(work, request)
    why = policy.remark(reason, "reason")
    if not why:
        raise Invalid(Code.INVALID_FIELD, "Say why it is denied.", field="/data/attributes/reason")
    require_version(request.version, version, state=str(request.state))
    request.open_at(work.now)
    return turn_down(work, request, token, RequestState.DENIED, why)


@operation("token_request.cancel", requires=None, owner=True)
def cancel(work: Work, id_: RequestId, version: int) -> Decided:
    """Withdraw a request of one's own. A token that was never approved dies of it."""
    request, token = _held(work, id_)
    permit_seen(work, request.requester, spell(Prefix.REQUEST, id_))
    require_version(request.version, version, state=str(request.state))
    request.open_at(work.now)
    return turn_down(work, request, token, RequestState.CANCELLED)


def _held(work: Work, id_: RequestId) -> tuple[Request, Token]:
    """Return a request and its token, which nobody else changes before this is committed."""
    organization = work.caller.organization
    found = requests.request(work.tx, organization, id_)
    token = rows.hold(work.tx, organization, found.token, _PERSONAL)
    return requests.request(work.tx, organization, id_), token


def _somebody_elses(work: Work, request: Request) -> None:
    if request.requester == work.caller.user:
        raise Denied(
            Code.OWN_REQUEST,
            "Nobody decides their own request. Withdraw it and, if you may, ask anew.",
        )


def _require_approver(work: Work, request: Request) -> None:
    """Return if the caller may approve at commit too: between `permit` and now much may happen."""
    approver = active(directory.member, work.tx, request.organization, caller_member(work))
    if not any(term.scopes & Scope.TOKENS_APPROVE.bit for term in approver.terms):
        raise Denied(Code.INSUFFICIENT_SCOPE, "You may approve no longer.")


def _is_enough(work: Work, before: Request, agreed: Request) -> bool:
    """Say whether the caller's approval settles it, or somebody else must approve what they left.

    Raises:
        Conflict: CONFLICT if they are who approved it already: nobody counts twice (S22).
    """
    other = None if before.agreed_by == work.caller.user else before.agreed_by
    if missing(work, replace(agreed, agreed_by=other)) == 1:
        return True
    if before.agreed_by is not None and other is None:
        raise Conflict(
            Code.CONFLICT, "You have approved it already: somebody else must approve it too."
        )
    return False


def _requester(work: Work, token: Token, request: Request) -> Member:
    """Return whoever asks, as they are at commit, if they still may do anything here."""
    try:
        requester = directory.member(work.tx, request.organization, request.requester)
    except NotFound:
        raise _gone() from None
    if not requester.active or token.position <= requester.cut_off:
        raise _gone()
    return requester


def _gone() -> Conflict:
    return Conflict(Code.REQUEST_CLOSED, "Whoever asked for this may do nothing here any more.")


def _agreed(work: Work, request: Request, narrower: Wish, requester: Member) -> Bounds:
    """Return what was asked, narrowed by the approver and by what the requester has now (A11).

    Nobody approves roots that they are not told of: they have not read them (S22).
    """
    at = lineage_of(work.tx, request.organization)
    wanted = narrower.bounds(request.bounds)
    if wanted.exceeds(request.bounds, at):
        raise Invalid(
            Code.INVALID_FIELD,
            "Whoever approves may give less than was asked, never more.",
            field="/data/attributes",
        )
    named = wanted.roots or frozenset()
    if named != directory.nodes_told(work, named, Scope.TOKENS_APPROVE):
        raise Denied(Code.INSUFFICIENT_ROLE, "This reaches further than you do yourself.")
    if wanted.scopes is not None:
        had = policy.grantable(requester.terms, wanted.roots, at, work.vocabulary())
        wanted = replace(wanted, scopes=wanted.scopes & had or wanted.scopes)
    require_bounds(work, wanted, requester)
    return wanted


def _end(work: Work, token: Token, request: Request, narrower: Wish) -> datetime | None:
    """Return when the token ends: as asked or earlier, and never later (G14)."""
    if isinstance(narrower.expires_at, UnsetType):
        return request.expires_at
    ends_at = policy.ends_earlier(request.expires_at, narrower.expires_at, work.now)
    if ends_at != token.expires_at and len(token.grants) > 1:
        raise Invalid(
            Code.INVALID_FIELD,
            "The token speaks elsewhere too: its end is not for this organization to move.",
            field="/data/attributes/expires_at",
        )
    return ends_at
