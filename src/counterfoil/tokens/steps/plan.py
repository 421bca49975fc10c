"""What a new personal token would be: every rule asked, nothing written.

`request` writes what this plans and `preview` shows it, so that the two never differ.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from msgspec import UnsetType
from sqlalchemy import Connection

from counterfoil import directory
from counterfoil.access.grant import Grant, Term
from counterfoil.access.scope import ALL_BUILT_IN
from counterfoil.directory import Member, Policy
from counterfoil.kernel.errors import Code, Denied, Invalid, NotFound
from counterfoil.kernel.ids import NodeId, OrganizationId, UserId
from counterfoil.kernel.sentence import sentence
from counterfoil.operation import Work
from counterfoil.tokens import policy
from counterfoil.tokens.approval import needs_approval
from counterfoil.tokens.bounds import Bounds, LineageOf
from counterfoil.tokens.holders import require_holder
from counterfoil.tokens.steps.change import chosen_reminders, require_start
from counterfoil.tokens.store import lists
from counterfoil.tokens.wish import Wish

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Place:
    """One organization where the token would speak.

    `held` tokens of the member count in the quota there now. Until its rules were asked about the
    token itself, it `needs_approval`.
    """

    organization: OrganizationId
    policy: Policy
    member: Member
    held: int
    needs_approval: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """A personal token that breaks no rule, the organization of the request first.

    `spans_all` says that it will follow its owner into every organization (K3).
    """

    name: str
    description: str
    justification: str
    bounds: Bounds
    expires_at: datetime | None
    places: tuple[Place, ...]
    spans_all: bool
    reminders: frozenset[int]

    @property
    def authority(self) -> tuple[Term, ...]:
        """What its owner may do at home, now."""
        return self.places[0].member.terms


def plan(work: Work, wish: Wish, *, hold: bool) -> Plan:
    """Ask every rule for a new personal token of the caller.

    Args:
        work: the caller's.
        wish: what they want; what they do not say comes from the policy.
        hold: whether to keep the caller's other requests waiting until this is committed, so that
            two at once cannot both take the last place in the quota (A5).

    Raises:
        Denied: NOT_A_MEMBER; POLICY_BLOCKED, by whichever organization it is.
        Conflict: TOKEN_QUOTA_EXCEEDED, of whichever organization it is.
        Invalid: naming the field.
    """
    if isinstance(wish.name, UnsetType):
        raise Invalid(Code.INVALID_FIELD, "A token needs a name.", field="/data/attributes/name")
    name = policy.named(wish.name)
    description = "" if isinstance(wish.description, UnsetType) else wish.description
    description = policy.remark(description, "description")
    spans_all = _spans_all(work, wish)
    places = _places(work, spans_all=spans_all, hold=hold)
    home = places[0]
    for place in places:
        require_holder(place.policy, place.member)
    _require_open(work, places[1:])
    bounds = wish.bounds(Bounds(), home.policy)
    _require_bounds(work, bounds, places)
    for place in places:
        policy.require_quota(place.policy, place.held, made_in(work, place))
    ends_at = policy.ends_at(home.policy, wish.expires_at, work.now)
    for place in places[1:]:
        policy.ends_at(place.policy, ends_at, work.now)
    require_start(bounds, ends_at)
    places = tuple(asked(work, place, bounds, (work.now, ends_at)) for place in places)
    return Plan(
        name=name,
        description=description,
        justification=policy.remark(wish.justification, "justification"),
        bounds=bounds,
        expires_at=ends_at,
        places=places,
        spans_all=spans_all,
        reminders=chosen_reminders(wish),
    )


def lineage_of(tx: Connection, organization: OrganizationId) -> LineageOf:
    """Return how to look up where a node of this organization stands."""

    def look_up(node: NodeId) -> frozenset[NodeId]:
        return directory.lineage(tx, organization, node)

    return look_up


def require_bounds(work: Work, bounds: Bounds, member: Member) -> None:
    """Return if a member may ask for these bounds: scopes of their role, roots that they see."""
    at = lineage_of(work.tx, member.organization)
    policy.require_roots(bounds.roots, Grant(member.terms), at)
    policy.require_scopes(bounds.scopes, bounds.roots, member.terms, at, work.vocabulary())


def caller_member(work: Work) -> UserId:
    """Return the user who asks."""
    if work.caller.user is None:
        raise Denied(Code.NOT_A_MEMBER, "Nobody in particular asks.")
    return work.caller.user


def _spans_all(work: Work, wish: Wish) -> bool:
    if isinstance(wish.span_all, UnsetType):
        return directory.policy(work.tx, work.caller.organization).span == "all"
    return wish.span_all


def _places(work: Work, *, spans_all: bool, hold: bool) -> tuple[Place, ...]:
    home, user = work.caller.organization, caller_member(work)
    where = [home]
    if spans_all:
        where = sorted(
            one.organization for one in directory.memberships(work.tx, user) if one.active
        )
    find = directory.hold_member if hold else directory.member
    found = {
        organization: place_of(work, active(find, work.tx, organization, user))
        for organization in where
    }
    if home not in found:
        raise _stranger()
    return (found.pop(home), *found.values())


def active(
    find: Callable[[Connection, OrganizationId, UserId], Member],
    tx: Connection,
    organization: OrganizationId,
    user: UserId,
) -> Member:
    """Return the member that `find` finds, if they may do anything here, or raise Denied."""
    try:
        member = find(tx, organization, user)
    except NotFound:
        raise _stranger() from None
    if not member.active:
        raise _stranger()
    return member


def _stranger() -> Denied:
    return Denied(Code.NOT_A_MEMBER, "You are not an active member of this organization.")


def place_of(work: Work, member: Member) -> Place:
    """Return where a member stands: the rules there, and how many tokens count already."""
    rules = directory.policy(work.tx, member.organization)
    held = lists.count_held(work.tx, member.organization, member.user, member.cut_off, work.now)
    return Place(member.organization, rules, member, held)


def asked(
    work: Work, place: Place, bounds: Bounds, life: tuple[datetime, datetime | None]
) -> Place:
    """Return a place with what its rules say of a token: whether somebody else must approve it."""
    words = directory.vocabulary(work.tx, place.organization)
    needs = needs_approval(place.policy, place.member, words, bounds.scopes, life)
    return replace(place, needs_approval=needs)


def made_in(work: Work, place: Place) -> int:
    """Return how many tokens a member has made there in the last hour, where that counts."""
    if place.policy.creations_per_hour is None:
        return 0
    return lists.count_made(work.tx, place.organization, place.member.user, work.now - _HOUR)


def _require_open(work: Work, others: tuple[Place, ...]) -> None:
    """Return if the caller may come in wherever else the token would speak.

    Otherwise a session that an organization keeps out would make a token that is let in.

    Raises:
        Invalid: pointing at the choice of all organizations.
    """
    for place in others:
        if place.policy.provider_only and not work.caller.is_vouched_in(place.organization):
            raise _elsewhere(
                sentence(
                    "An organization of yours asks that you sign in at its provider, and you did "
                    "not: so you cannot make a token that works there."
                ),
                "span",
            )


def _require_bounds(work: Work, bounds: Bounds, places: tuple[Place, ...]) -> None:
    if len(places) == 1:
        require_bounds(work, bounds, places[0].member)
        return
    words = work.vocabulary()
    if bounds.roots is not None:
        raise _elsewhere(
            sentence("A root is a node of one organization: this token speaks in several."), "roots"
        )
    if bounds.scopes is not None and bounds.scopes & ~ALL_BUILT_IN:
        (name, *_) = words.name(bounds.scopes & ~ALL_BUILT_IN)
        raise _elsewhere(
            sentence(
                "%(scope)s is a scope of one organization: this token speaks in several.",
                scope=name,
            ),
            "scopes",
        )
    anywhere = tuple(term for place in places for term in place.member.terms)
    at = lineage_of(work.tx, places[0].organization)
    policy.require_scopes(bounds.scopes, None, anywhere, at, words)


def _elsewhere(what: str, field: str) -> Invalid:
    return Invalid(
        Code.INVALID_FIELD,
        what,
        field=f"/data/attributes/{field}",
    )
