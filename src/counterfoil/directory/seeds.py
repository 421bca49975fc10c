"""What an organization begins with under a preset, beside its policy and the built-in roles.

It is data, as a policy is: there is no code for a vendor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from counterfoil.access.role import BUILT_IN
from counterfoil.access.scope import EVERY_SCOPE, Scopes
from counterfoil.directory.api import ApiWish
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.sentence import sentence


@dataclass(frozen=True, slots=True)
class Seed:
    """APIs to register, whether there is a catalog, and roles by name.

    A role holds the named scopes of these APIs; None stands for every scope that the organization
    supports, now and later, and such a role stays as it is.
    """

    apis: tuple[ApiWish, ...] = ()
    catalog: bool = False
    roles: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)


WEB_API: Final = ApiWish(
    name="Web API",
    audience="urn:dx:web-api",
    scopes=(
        ("snapshots:read", "Read the results of snapshots"),
        ("snapshots:admin", "Create and change snapshots; reading them takes snapshots:read"),
        ("catalog:read", "Read the entities of the catalog"),
        ("scorecards:read", "Read scorecards"),
        ("scorecards:write", "Create and change scorecards"),
        ("workflows:read", "Read workflows"),
        ("workflowRuns:trigger", "Start a run of a workflow"),
        ("workflowRuns:writeEvents", "Write events into a run of a workflow"),
    ),
)
"""The API that a member's tokens open under the dx preset."""

_EVERYBODY: Final = (
    "snapshots:read",
    "catalog:read",
    "scorecards:read",
    "workflows:read",
    "workflowRuns:trigger",
)

SEEDS: Final[Mapping[str, Seed]] = {
    "dx": Seed(
        apis=(WEB_API,),
        catalog=True,
        roles={
            "workspace user": _EVERYBODY,
            "scorecard admin": (*_EVERYBODY, "scorecards:write"),
            "self-service admin": (*_EVERYBODY, "workflowRuns:writeEvents"),
            "workspace admin": None,
        },
    )
}
"""Under which preset an organization begins with more."""


def built_in_named(name: str) -> Scopes:
    """Return what the built-in role of a name allows, under whatever preset; or raise Invalid."""
    sown = [seed.roles.items() for seed in SEEDS.values()]
    whole = {named: EVERY_SCOPE for roles in sown for named, scopes in roles if scopes is None}
    found = (whole | BUILT_IN).get(name)
    if found is None:
        told = sentence("Built-in roles are %(names)s.", names=", ".join(BUILT_IN | whole))
        raise Invalid(Code.INVALID_FIELD, told)
    return found
