"""The token policy of an organization over HTTP."""

from __future__ import annotations

from functools import partial
from typing import Final

from msgspec import UNSET, UnsetType

from counterfoil.directory import edit_policy, show
from counterfoil.directory.doors.examples import POLICY
from counterfoil.directory.doors.wire import PolicyBody, policy_changes
from counterfoil.directory.doors.wire_show import TokenPolicy, show_policy
from counterfoil.directory.presets import Policy
from counterfoil.jsonapi.body import require_same_id
from counterfoil.jsonapi.given import Effect, One, etag
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import OrganizationId, Prefix

_PATH: Final = "/cma/organizations/{id}/token_policy"
_route = partial(Route, section="Organizations")


def shown(asked: Asked) -> Answer:
    """Answer GET token_policy."""
    id_ = own_organization(asked)
    with asked.read() as work:
        policy = show.show_policy(work)
    return _answer(id_, policy)


def changed(asked: Asked) -> Answer:
    """Answer PATCH token_policy; If-Match says which one was looked at."""
    id_, expected = own_organization(asked), asked.if_match()
    data = asked.struct(PolicyBody).data
    require_same_id(data.id, Prefix.ORGANIZATION, id_)
    changes, preset = policy_changes(data.attributes)
    with asked.work() as work:
        policy = edit_policy.edit_policy(work, expected, changes, preset)
    effect = Effect(effective="host", position=work.position)
    if changes.get("enforce_at") is not None and policy.enforce_at is None:
        with asked.read() as work:  # where more tokens are left than one commit takes, it says so
            policy = show.show_policy(work)
    return _answer(id_, policy, effect)


def own_organization(asked: Asked) -> OrganizationId:
    """Read the organization in the path: every other one is unknown (S25)."""
    id_ = ids.read(Prefix.ORGANIZATION, asked.params["id"])
    if id_ != asked.caller.organization:
        raise NotFound
    return asked.caller.organization


def _answer(id_: OrganizationId, policy: Policy, meta: Effect | UnsetType = UNSET) -> Answer:
    return Answer(200, One(show_policy(id_, policy), meta), etag(policy.version))


_one = partial(
    _route,
    parts=(id_in("id", "The organization.", Prefix.ORGANIZATION),),
    place="id",
    gives={200: One[TokenPolicy]},
)

ROUTES: Final = (
    _one("GET", _PATH, shown, "policy.show", "Show the token policy"),
    _one(
        "PATCH",
        _PATH,
        changed,
        "policy.edit",
        "Change the token policy, or begin again from a preset",
        also=("policy.show",),
        takes=PolicyBody,
        example=POLICY,
        conditional=True,
    ),
)
"""What the office serves of policies."""
