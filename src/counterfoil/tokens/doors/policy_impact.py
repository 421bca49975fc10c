"""What a token policy would do, over HTTP: asked before it is saved."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from counterfoil.directory.doors.examples import POLICY
from counterfoil.directory.doors.policy import own_organization
from counterfoil.directory.doors.wire import PolicyBody, policy_changes
from counterfoil.directory.presets import Policy
from counterfoil.jsonapi.body import require_same_id
from counterfoil.jsonapi.given import Given, Id, Instant, One, Versioned, etag
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.ids import Prefix
from counterfoil.secret import Kind
from counterfoil.tokens.preview_policy import Fate, Impact, Stopped, preview_policy
from counterfoil.tokens.steps.stopping import Why

KindOfToken: TypeAlias = Literal["personal", "service", "client"]

_KINDS: Final[dict[Kind, KindOfToken]] = {
    Kind.PERSONAL: "personal",
    Kind.SERVICE: "service",
    Kind.CLIENT: "client",
}


class OutgrownToken(Given, frozen=True):
    """A token that the policy would not let be made, and what becomes of it if that is enforced.

    `owner` is what whoever it is to is called. `ends_at` is its new end; one that is at home in
    another organization goes on there.
    """

    id: Id
    name: str
    kind: KindOfToken
    owner: str | None
    created_at: Instant
    expires_at: Instant | None
    last_used_at: Instant | None
    ends_at: Instant
    goes_on_elsewhere: bool


class StoppedToken(Given, frozen=True):
    """A token that the policy stops, and what is against it; it works again under another policy.

    `role`: its owner holds none of the roles of `token_roles`. `address`: it was last used from a
    network that is not within `ip_ranges`. `idle`: nobody has used it for `idle_days`; the sweep
    switches it off.
    """

    id: Id
    name: str
    kind: KindOfToken
    owner: str | None
    last_used_at: Instant | None
    why: Literal["role", "address", "idle"]


class ImpactFacts(Given, frozen=True):
    """What a policy would do. `tokens` names a hundred at most, those that were used last first.

    `tokens_outside` would not be allowed by it, of so many people; `used_lately` of them were used
    within a day, and `ending` end as soon as it is enforced at `enforce_at`, the others later.
    `tokens_newly_asking` are personal tokens that are there and go on, whose like would have to be
    approved and need not be now, and `tokens_newly_free` the other way round.
    `people_over_quota` hold more than they could make; they keep them. `tokens_barred` are refused
    at once for their owners' roles, `tokens_elsewhere` may be for their address, and `tokens_idle`
    are switched off as unused; `stopping` names a hundred of these at most.
    """

    policy: Policy
    enforce_at: Instant
    tokens_outside: int
    people: int
    used_lately: int
    ending: int
    people_over_quota: int
    people_newly_asking: int
    people_newly_free: int
    tokens_newly_asking: int
    tokens_newly_free: int
    tokens: list[OutgrownToken]
    tokens_barred: int
    tokens_elsewhere: int
    tokens_idle: int
    stopping: list[StoppedToken]


class PolicyImpact(Given, frozen=True, tag_field="type", tag="token_policy_impact"):
    """What a policy would do in an organization, whose id it has; the version is of the present."""

    id: Id
    attributes: ImpactFacts
    meta: Versioned


def previewed(asked: Asked) -> Answer:
    """Answer POST token_policy/preview, which changes nothing."""
    id_, expected = own_organization(asked), asked.if_match()
    data = asked.struct(PolicyBody).data
    require_same_id(data.id, Prefix.ORGANIZATION, id_)
    changes, preset = policy_changes(data.attributes)
    with asked.read() as work:
        impact = preview_policy(work, changes, preset, expected)
    version = impact.before.version
    body = PolicyImpact(id=str(id_), attributes=_facts(impact), meta=Versioned(version=version))
    return Answer(200, One(body), etag(version))


def _facts(impact: Impact) -> ImpactFacts:
    return ImpactFacts(
        policy=impact.after,
        enforce_at=impact.enforced_at,
        tokens_outside=impact.tokens,
        people=impact.people,
        used_lately=impact.used_lately,
        ending=impact.ending,
        people_over_quota=impact.over_quota,
        people_newly_asking=impact.newly_asking,
        people_newly_free=impact.newly_free,
        tokens_newly_asking=impact.alike_asking,
        tokens_newly_free=impact.alike_free,
        tokens=[_token(one) for one in impact.fates],
        tokens_barred=impact.stopped.get(Why.ROLE, 0),
        tokens_elsewhere=impact.stopped.get(Why.ADDRESS, 0),
        tokens_idle=impact.stopped.get(Why.IDLE, 0),
        stopping=[_stopped(one) for one in impact.stops],
    )


def _stopped(one: Stopped) -> StoppedToken:
    return StoppedToken(
        id=str(one.token.id),
        name=one.token.name,
        kind=_KINDS[one.token.kind],
        owner=one.owner or None,
        last_used_at=one.token.used_at,
        why=one.why.value,
    )


def _token(fate: Fate) -> OutgrownToken:
    token = fate.token
    return OutgrownToken(
        id=str(token.id),
        name=token.name,
        kind=_KINDS[token.kind],
        owner=fate.owner or None,
        created_at=token.made_at,
        expires_at=token.ends_at,
        last_used_at=token.used_at,
        ends_at=fate.ends_at,
        goes_on_elsewhere=fate.is_guest,
    )


ROUTES: Final = (
    Route(
        "POST",
        "/cma/organizations/{id}/token_policy/preview",
        previewed,
        "policy.preview",
        "Say what a change of the token policy would do, before it is made",
        parts=(id_in("id", "The organization.", Prefix.ORGANIZATION),),
        place="id",
        takes=PolicyBody,
        example=POLICY,
        gives={200: One[PolicyImpact]},
        versioned=True,
        section="Organizations",
    ),
)
"""What the office serves of what a policy would do."""
