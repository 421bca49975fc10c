"""The rules of scopes and roles under the dx preset, at a real gate on both engines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from counterfoil.access.scope import NO_SCOPES, Scope
from counterfoil.content import entity
from counterfoil.content.define_type import list_content_types
from counterfoil.directory.api import ApiWish
from counterfoil.directory.define_role import delete_role, edit_role
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.directory.enroll import assign
from counterfoil.directory.register_api import edit_api
from counterfoil.directory.show import list_apis, list_roles
from counterfoil.kernel.errors import Conflict, Denied
from counterfoil.kernel.ids import UserId
from counterfoil.secret import Secret
from support.tokens import Agency, Hall, code

EVERYBODY = {
    "snapshots:read",
    "catalog:read",
    "scorecards:read",
    "workflows:read",
    "workflowRuns:trigger",
}
ELEVATED = {"snapshots:admin", "scorecards:write", "workflowRuns:writeEvents"}
HELD = {
    "workspace user": EVERYBODY,
    "scorecard admin": EVERYBODY | {"scorecards:write"},
    "self-service admin": EVERYBODY | {"workflowRuns:writeEvents"},
    "workspace admin": EVERYBODY | ELEVATED | set(map(str, Scope)),
}


class Workspace(Agency):
    """An organization under the dx preset, and somebody in it."""

    def __init__(self, hall: Hall, *roles: str) -> None:
        super().__init__(hall, "Dx", preset="dx")
        self.dee = self.hire("Dee", *roles)

    def offered(self, user: UserId) -> set[str]:
        """What somebody may choose from for a token."""
        door = self.door(self.caller(user))
        answer = door("GET", "/cma/personal_access_tokens/options")
        return set(answer.json["data"]["attributes"]["scopes"])

    def create(self, *scopes: str) -> Any:
        """Let Dee ask for a token."""
        asked = {"name": "dx-cli-laptop", "scopes": list(scopes)}
        return self.door(self.caller(self.dee))("POST", "/cma/personal_access_tokens", asked)

    def become(self, *roles: str) -> None:
        """Let Dee hold these roles and no others."""
        with self.acting(self.ada) as work:
            assign(work, self.dee, [self.roles[name].id for name in roles])

    def allowed(self, token: str) -> set[str]:
        """The scopes of the Web API that the gate honours in this token now."""
        return {name for name in EVERYBODY | ELEVATED if self.honoured(token, name)}

    def honoured(self, token: str, name: str) -> bool:
        try:
            self.hall.verifier.decide_custom({"HTTP_AUTHORIZATION": f"Bearer {token}"}, name)
        except Denied as error:
            return bool(error.meta["scope"] != name)  # a refusal of another scope is a lie
        return True


@pytest.mark.each_engine
def test_a_workspace_begins_with_its_api_and_roles(hall: Hall) -> None:
    """The dx preset registers the Web API and makes the roles that its rules name (X5, K10)."""
    workspace = Workspace(hall)
    with workspace.looking(workspace.ada) as work:
        (api,) = list_apis(work)
        words = work.vocabulary()
        held = {role.name: set(words.spell(role.scopes)) for role in list_roles(work)}
    assert api.name == "Web API"
    assert {scope.name for scope in api.scopes} == EVERYBODY | ELEVATED
    assert all(scope.description for scope in api.scopes)
    assert {name: held[name] for name in HELD} == HELD
    assert hall.rebuilt() == hall.replica.dump()


@pytest.mark.each_engine
def test_an_organization_becomes_a_workspace(hall: Hall) -> None:
    """Whoever turns to dx later has its API, its roles and its catalog too, once (X5, K10)."""
    agency = Agency(hall)
    mine = agency.role("Scorecard Admin", Scope.CONTENT_READ)
    with agency.operating() as work:
        edit_policy(work, 1, {}, "dx")
        edit_policy(work, 2, {}, "dx")
    with agency.looking(agency.ada) as work:
        (api,) = list_apis(work)
        words = work.vocabulary()
        held = {role.name: set(words.spell(role.scopes)) for role in list_roles(work)}
        catalog = [one.api_key for one in list_content_types(work, 9).items]
    assert {scope.name for scope in api.scopes} == EVERYBODY | ELEVATED
    expected = {name: scopes for name, scopes in HELD.items() if name != "scorecard admin"}
    assert {name: held.get(name) for name in expected} == expected
    assert held[mine.name] == {"content:read"}  # what was there by that name stays as it is
    assert "scorecard admin" not in held
    assert catalog == [entity.API_KEY]
    assert hall.rebuilt() == hall.replica.dump()


@pytest.mark.each_engine
def test_a_workspace_again_brings_back_what_is_gone(hall: Hall) -> None:
    """A role that was deleted comes with the preset again, of the scopes that are left (X5)."""
    workspace = Workspace(hall)
    with workspace.acting(workspace.ada) as work:
        delete_role(work, workspace.roles["scorecard admin"].id)
        (api,) = list_apis(work)
        left = [(one.name, one.description) for one in api.scopes if one.name != "catalog:read"]
        edit_api(work, api.id, ApiWish(scopes=left))
        edit_policy(work, 1, {}, "dx")
    with workspace.looking(workspace.ada) as work:
        words = work.vocabulary()
        held = {role.name: set(words.spell(role.scopes)) for role in list_roles(work)}
    assert held["scorecard admin"] == HELD["scorecard admin"] - {"catalog:read"}


def test_other_presets_begin_without(hall: Hall) -> None:
    """No other preset brings an API or a role along (K10)."""
    agency = Agency(hall)
    with agency.looking(agency.ada) as work:
        assert list_apis(work) == []
        assert len(list_roles(work)) == 4


@pytest.mark.each_engine
@pytest.mark.parametrize(
    "roles",
    [
        ("workspace user",),
        ("scorecard admin",),
        ("self-service admin",),
        ("scorecard admin", "self-service admin"),
        ("workspace admin",),
        ("workspace user", "reader"),
    ],
    ids=" and ".join,
)
def test_roles_add_their_scopes(hall: Hall, roles: tuple[str, ...]) -> None:
    """What is offered is what the roles allow together, and what is offered works (X5, X6)."""
    workspace = Workspace(hall, *roles)
    expected = set[str]().union(*(HELD.get(name, set()) for name in roles))
    if "reader" in roles:
        expected |= {"content:read", "content-types:read", "assets:read"}
    assert workspace.offered(workspace.dee) == expected
    made = workspace.create(*sorted(expected))
    assert made.status_code == 201
    token = made.json["data"]["attributes"]["token"]
    assert workspace.allowed(token) == expected & (EVERYBODY | ELEVATED)


@pytest.mark.parametrize(
    ("role", "scope"),
    [
        ("workspace user", "snapshots:admin"),
        ("scorecard admin", "workflowRuns:writeEvents"),
        ("self-service admin", "scorecards:write"),
        ("reader", "catalog:read"),
    ],
)
def test_more_than_the_role_is_refused_by_name(hall: Hall, role: str, scope: str) -> None:
    """An elevated scope is refused, named, and nothing is created (X4)."""
    workspace = Workspace(hall, role)
    before = workspace.counts()
    refused = workspace.create(scope)
    assert (refused.status_code, code(refused)) == (422, "SCOPE_ABOVE_ROLE")
    assert refused.json["errors"][0]["meta"] == {"scopes": [scope]}
    assert workspace.counts() == before


@pytest.mark.parametrize("scope", ["platformx:read", "scorecards:delete", "Catalog:read"])
def test_what_the_account_does_not_support(hall: Hall, scope: str) -> None:
    """Not even a workspace admin is offered or given an unsupported scope (X5)."""
    workspace = Workspace(hall, "workspace admin")
    assert scope not in workspace.offered(workspace.dee)
    listed = workspace.door(workspace.caller(workspace.dee))
    refused = workspace.create("catalog:read", scope)
    assert (refused.status_code, code(refused)) == (422, "INVALID_FIELD")
    assert repr(scope) in refused.json["errors"][0]["detail"]
    assert listed("GET", "/cma/personal_access_tokens").json["data"] == []


@pytest.mark.each_engine
def test_a_downgrade_acts_on_the_next_request_and_a_re_grant_too(hall: Hall) -> None:
    """Roles that go take their scopes from the token at once, and bring them back (X18)."""
    workspace = Workspace(hall, "scorecard admin", "self-service admin")
    asked = {"catalog:read", "scorecards:write", "workflowRuns:writeEvents"}
    token = workspace.create(*asked).json["data"]["attributes"]["token"]
    for roles, left in (
        (("scorecard admin", "self-service admin"), asked),
        (("scorecard admin",), {"catalog:read", "scorecards:write"}),
        (("workspace user",), {"catalog:read"}),
        ((), set()),
        (("self-service admin",), {"catalog:read", "workflowRuns:writeEvents"}),
        (("workspace admin",), asked),
    ):
        workspace.become(*roles)
        assert workspace.allowed(token) == left


def test_a_feature_that_ends_takes_its_scope_from_everybody(hall: Hall) -> None:
    """A scope that the account stops supporting is refused in every token at once (X5)."""
    workspace = Workspace(hall, "workspace admin")
    token = workspace.create("catalog:read", "scorecards:write").json["data"]["attributes"]["token"]
    with workspace.acting(workspace.ada) as work:
        (api,) = list_apis(work)
    kept = [(one.name, one.description) for one in api.scopes if one.name != "scorecards:write"]
    with workspace.acting(workspace.ada) as work:
        edit_api(work, api.id, ApiWish(scopes=kept))
    assert workspace.allowed(token) == {"catalog:read"}
    assert "scorecards:write" not in workspace.offered(workspace.dee)


def test_a_workspace_admin_stays_what_it_is(hall: Hall) -> None:
    """The role of all scopes is fixed, so that no edit freezes it; the others are edited (X7)."""
    workspace = Workspace(hall)
    with pytest.raises(Conflict), workspace.acting(workspace.ada) as work:
        edit_role(work, workspace.roles["workspace admin"].id, lambda role: role)
    with workspace.acting(workspace.ada) as work:
        role = edit_role(
            work, workspace.roles["scorecard admin"].id, lambda one: replace(one, scopes=NO_SCOPES)
        )
    assert role.version == 2


def test_edits_obey_the_roles_of_now(hall: Hall) -> None:
    """An edit adds what the roles allow now and refuses the rest, under the same secret (X14)."""
    workspace = Workspace(hall, "workspace user")
    made = workspace.create("catalog:read").json["data"]
    token, path = made["attributes"]["token"], f"/cma/personal_access_tokens/{made['id']}"

    def edit(*scopes: str) -> int:
        door = workspace.door(workspace.caller(workspace.dee))
        status: int = door("PATCH", path, {"scopes": list(scopes)}).status_code
        return status

    assert edit("catalog:read", "scorecards:write") == 422
    assert workspace.allowed(token) == {"catalog:read"}
    workspace.become("scorecard admin")
    assert workspace.allowed(token) == {"catalog:read"}
    assert edit("scorecards:write") == 200
    assert workspace.allowed(token) == {"scorecards:write"}
    workspace.become("workspace user")
    assert workspace.allowed(token) == set()
    assert edit("scorecards:read") == 200
    assert workspace.allowed(token) == {"scorecards:read"}


def test_a_program_takes_its_scopes_from_a_role(hall: Hall) -> None:
    """The token for programs does what its role may, and no more (X1, K5)."""
    workspace = Workspace(hall)
    made = workspace.api_token("scorecard admin")
    secret: Secret = made.secret
    assert workspace.allowed(secret.reveal()) == HELD["scorecard admin"]
