"""Weighing a request: what it would come to if it were approved, and what to mind (A8)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import UnsetType

from counterfoil import directory
from counterfoil.access.scope import Scope, Scopes, scopes
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import Prefix, RequestId, spell
from counterfoil.kernel.page import LARGEST, Wanted
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens import policy
from counterfoil.tokens.model import Token
from counterfoil.tokens.request_model import Request, RequestKind
from counterfoil.tokens.sought import Sought, Standing
from counterfoil.tokens.steps.plan import lineage_of
from counterfoil.tokens.steps.told import request_told, tokens_told
from counterfoil.tokens.store import lists, requests, rows
from counterfoil.tokens.wish import Wish

_PERSONAL = (Kind.PERSONAL,)
_AS_ASKED: Final = Wish()
_LIVE: Final = Sought((Standing.PENDING, Standing.ACTIVE, Standing.DISABLED))
_SHOWN: Final = 10
_LONG: Final = timedelta(days=90)


class Caution(StrEnum):
    """Why somebody should look twice. Reasons, and never a score."""

    WRITES = "writes"
    PUBLISHES = "publishes"
    DELETES = "deletes"
    GOVERNS = "governs"
    """It reaches tokens, people, roles, the policy or APIs."""
    FOLLOWS_ROLE = "follows_role"
    """In scope mode `inherit` it may do whatever its owner may do later."""
    EVERYWHERE = "everywhere"
    ALIKE = "alike"
    """They have one already that is called the same, or may do the same."""
    LASTS = "lasts"
    """It is good for more than 90 days, or for ever."""
    SPANS = "spans"
    """It speaks in all organizations of its owner."""


_BY_SCOPE: Final = (
    (Caution.WRITES, scopes(Scope.CONTENT_WRITE, Scope.CONTENT_TYPES_WRITE, Scope.ASSETS_WRITE)),
    (Caution.PUBLISHES, scopes(Scope.CONTENT_PUBLISH)),
    (Caution.DELETES, scopes(Scope.CONTENT_DELETE)),
    (
        Caution.GOVERNS,
        scopes(
            Scope.TOKENS_MANAGE,
            Scope.TOKENS_APPROVE,
            Scope.USERS_MANAGE,
            Scope.ROLES_MANAGE,
            Scope.POLICY_MANAGE,
            Scope.APIS_MANAGE,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Weighed:
    """What an approver should know beside the request itself.

    Attributes:
        held: the scopes that the requester's roles give within the roots that are asked for.
        effective: those that the token would have now: asked, held and supported.
        present: those that it has already, if it asks for more.
        cautions: reasons to look twice.
        others: the requester's other live tokens, at most ten.
        alike: those that are called the same as this one, or may do the same.
        count: how many tokens take up their quota, and `quota`: how many they may have.
    """

    held: Scopes
    effective: Scopes
    present: Scopes
    cautions: tuple[Caution, ...]
    others: tuple[Token, ...]
    alike: tuple[Token, ...]
    count: int
    quota: int | None


@operation("token_request.weigh", requires=Scope.TOKENS_APPROVE, reads=True)
def weigh(work: Work, id_: RequestId, narrower: Wish = _AS_ASKED) -> Weighed:
    """Say what a request would come to now, by the rules that decide requests.

    To whom roots bound it says so of what they are told of, for more than that they do not approve.

    Args:
        work: an approver's.
        id_: the request.
        narrower: what they would leave of it, as `approve` takes it.
    """
    here = work.caller.organization
    request = request_told(work, _narrowed(requests.request(work.tx, here, id_), narrower))
    work.permit(target=spell(Prefix.REQUEST, id_))
    token = rows.token(work.tx, here, request.token, _PERSONAL)
    try:
        member = directory.member(work.tx, here, request.requester)
        terms, cut_off = (member.terms if member.active else ()), member.cut_off
    except NotFound:
        terms, cut_off = (), 0
    held = policy.grantable(
        terms, request.bounds.roots, lineage_of(work.tx, here), work.vocabulary()
    )
    effective = held if request.bounds.scopes is None else held & request.bounds.scopes
    chosen = lists.Filter(_PERSONAL, owner=request.requester, sought=_LIVE)
    found = lists.page(work.tx, here, Wanted(LARGEST), chosen, work.now).items
    others = [one for one in tokens_told(work, found) if one.id != token.id]
    alike = tuple(one for one in others if _is_alike(one, token, request))
    return Weighed(
        held=held,
        effective=effective,
        present=_present(token, request, held),
        cautions=cautions(request, effective, spans=token.spans_all, alike=bool(alike)),
        others=tuple(others[:_SHOWN]),
        alike=alike[:_SHOWN],
        count=lists.count_held(work.tx, here, request.requester, cut_off, work.now),
        quota=directory.policy(work.tx, here).quota,
    )


def _narrowed(request: Request, wish: Wish) -> Request:
    """Return a request as it would be if no more of it were left than somebody wishes."""
    ends_at = request.expires_at if isinstance(wish.expires_at, UnsetType) else wish.expires_at
    return replace(request, bounds=wish.bounds(request.bounds), expires_at=ends_at)


def _is_alike(one: Token, token: Token, request: Request) -> bool:
    """Say whether somebody has this already, by its name or by what it may do."""
    if one.name.casefold() == token.name.casefold():
        return True
    there = one.grant_in(request.organization).bounds
    wanted = request.bounds
    return (there.scopes, there.roots, there.surfaces) == (
        wanted.scopes,
        wanted.roots,
        wanted.surfaces,
    )


def cautions(
    request: Request, effective: Scopes, *, spans: bool, alike: bool = False
) -> tuple[Caution, ...]:
    """Return the reasons to look twice at what would become effective."""
    found = [caution for caution, mask in _BY_SCOPE if effective & mask]
    changes = bool(found)
    if request.bounds.scopes is None:
        found.append(Caution.FOLLOWS_ROLE)
    if changes and request.bounds.roots is None:
        found.append(Caution.EVERYWHERE)
    if _lasts(request.created_at, request.expires_at):
        found.append(Caution.LASTS)
    if alike:
        found.append(Caution.ALIKE)
    if spans:
        found.append(Caution.SPANS)
    return tuple(found)


def _lasts(since: datetime, until: datetime | None) -> bool:
    return until is None or until - since > _LONG


def _present(token: Token, request: Request, held: Scopes) -> Scopes:
    """Return what the token has now; a new one has nothing."""
    if request.kind is RequestKind.NEW:
        return 0
    bounds = token.grant_in(request.organization).bounds
    return held if bounds.scopes is None else held & bounds.scopes
