"""Users, roles, organizations, policies, scopes and the trail, over HTTP."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from counterfoil.access.caller import Method
from counterfoil.access.scope import Scope
from counterfoil.kernel.ids import NodeId
from counterfoil.office import Office
from counterfoil.operation import OPERATIONS
from support.directory import Company
from support.directory_doors import ROUTES, UNKNOWN, holding, knock_as, new_user, policy, role
from support.doors import Probe
from support.provider_only import demanding


@pytest.fixture
def acme(office: Office) -> Company:
    return Company(office)


@pytest.fixture
def ask(acme: Company) -> Probe:
    """Ada's way in."""
    return knock_as(acme, acme.ada)


def test_a_user_is_created_shown_changed_and_removed(acme: Company, ask: Probe) -> None:
    """A member's whole life over HTTP, each step with its status and version (G9, S20)."""
    made = ask("POST", "/cma/users", new_user(acme, "ben@people.test", "editor"))
    assert made.status == 201
    id_ = made.json["data"]["id"]
    path = f"/cma/users/{id_}"
    assert made.headers["location"] == path
    shown = ask("GET", f"/cma/users/usr_{id_}")
    assert (shown.status, shown.headers["etag"]) == (200, '"1"')
    assert shown.json["data"]["attributes"] == {
        "name": "Ben",
        "email": "ben@people.test",
        "kind": "person",
        "active": True,
        "is_admin": False,
        "joined_at": "2026-03-01T12:00:00Z",
        "invited": False,
    }
    body = {"data": {"type": "user", "id": id_, "attributes": {"active": False}}}
    out = ask("PATCH", path, body, {"if-match": '"1"'})
    assert (out.status, out.json["data"]["attributes"]["active"]) == (200, False)
    meta = {"effective": "host", "position": int(out.headers["counterfoil-position"])}
    assert meta.items() <= out.json["meta"].items()
    assert ask("PATCH", path, body, {"if-match": '"1"'}).status == 412
    both = {
        "data": {
            "type": "user",
            "attributes": {"active": True},
            "relationships": {"roles": holding(acme, "reader")},
        }
    }
    back = ask("PATCH", path, both, {"if-match": '"2"'})
    assert back.headers["etag"] == '"4"'
    assert back.json["data"]["relationships"]["roles"] == holding(acme, "reader")
    assert ask("DELETE", path).status == 200
    assert ask("GET", path).status == 404


def test_a_role_that_changes_says_where_that_holds(acme: Company, ask: Probe) -> None:
    """What may take power away from whoever holds a role says where it holds (R1)."""
    made = ask("POST", "/cma/roles", role(name="press", scopes=["content:read"]))
    assert "meta" not in made.json
    one = f"/cma/roles/{made.json['data']['id']}"
    for answer in (ask("PATCH", one, role(scopes=[])), ask("DELETE", one)):
        assert answer.status == 200
        position = int(answer.headers["counterfoil-position"])
        meta = {"effective": acme.office.receipts.reach, "position": position}
        assert meta.items() <= answer.json["meta"].items()


def test_roles_alone_are_changed(acme: Company, ask: Probe) -> None:
    """Other roles leave the rest of the member as it was (G8)."""
    ben = acme.hire("Ben", "reader")
    body = {"data": {"type": "user", "relationships": {"roles": holding(acme, "editor")}}}
    changed = ask("PATCH", f"/cma/users/{ben}", body)
    assert changed.json["data"]["relationships"]["roles"] == holding(acme, "editor")
    assert changed.json["data"]["attributes"]["active"] is True


def test_users_are_listed_in_pages(acme: Company, ask: Probe) -> None:
    """The list of users goes on where its link says (G9)."""
    for name in ("Ben", "Cem"):
        acme.hire(name, "reader")
    first = ask("GET", "/cma/users?page[size]=2")
    assert first.json["meta"] == {"total_count": 3}
    second = ask("GET", first.json["links"]["next"])
    assert second.json["links"]["next"] is None
    ids = [one["id"] for page in (first, second) for one in page.json["data"]]
    assert len(set(ids)) == 3


def test_a_service_user_has_no_address(acme: Company, ask: Probe) -> None:
    """A service user is enrolled without an e-mail address, and a person never is (Q8)."""
    made = ask("POST", "/cma/users", new_user(acme, None, "reader"))
    assert made.json["data"]["attributes"]["kind"] == "service"
    assert made.json["data"]["attributes"]["email"] is None
    body = new_user(acme, None)
    body["data"]["attributes"] = {"name": "Ben"}
    refused = ask("POST", "/cma/users", body)
    assert refused.status == 422
    assert refused.json["errors"][0]["source"] == {"pointer": "/data/attributes/email"}


WRITES = [
    ("POST", "/cma/users"),
    ("PATCH", "/cma/users/{user}"),
    ("DELETE", "/cma/users/{user}"),
    ("POST", "/cma/users/{user}/deactivate"),
    ("POST", "/cma/users/{user}/reactivate"),
]


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize("kind", [Method.PERSONAL, Method.SERVICE, Method.EXCHANGED])
def test_user_management_is_closed_to_tokens(
    acme: Company, method: str, path: str, kind: Method
) -> None:
    """An administrator's token gets 403 from every route that changes users (G9)."""
    url = path.format(user=acme.ada)
    takes = {route.path: route.takes for route in ROUTES if route.method == method}
    before = acme.head()
    for body in (None, {"anything": 1}) if takes[path.replace("{user}", "{id}")] else (None,):
        refused = knock_as(acme, acme.ada, kind)(method, url, body)
        assert (refused.status, refused.code) == (403, "PAT_CANNOT_MANAGE_USERS")
    assert acme.head() == before
    trail = knock_as(acme, acme.ada)(
        "GET", "/cma/audit_events?filter[outcome]=PAT_CANNOT_MANAGE_USERS"
    )
    assert trail.json["data"]


def test_reads_are_open_to_tokens(acme: Company) -> None:
    """Personal and service tokens read users, roles, scopes, policy and trail (G9, X6)."""
    for kind in (Method.PERSONAL, Method.SERVICE):
        look = knock_as(acme, acme.ada, kind)
        for path in (
            "/cma/users",
            f"/cma/users/{acme.ada}",
            "/cma/roles",
            "/roles",
            f"/cma/roles/{acme.roles['admin'].id}",
            "/cma/organizations",
            f"/cma/organizations/{acme.id}/token_policy",
            "/cma/scopes",
            "/cma/audit_events",
        ):
            assert look("GET", path).status == 200, path


def test_the_top_of_the_tree_is_kept_from_who_is_restricted(acme: Company, ask: Probe) -> None:
    """Of its organization a restricted token hears nothing that stands above its roots (S32)."""
    caller = acme.caller(acme.ada, Method.PERSONAL)
    narrow = replace(caller, grant=caller.grant.narrowed(roots=frozenset({NodeId(7)})))
    look = Probe(acme.office, narrow, routes=ROUTES, operations=OPERATIONS)
    for asked, top in ((ask, {"type": "node", "id": str(acme.root)}), (look, None)):
        (told,) = asked("GET", "/cma/organizations").json["data"]
        assert told["relationships"]["root"] == {"data": top}


@pytest.mark.parametrize("at_home", [False, True])
def test_what_keeps_a_session_out_tells_its_name_alone(acme: Company, *, at_home: bool) -> None:
    """An organization that asks for a provider is listed as one, and tells nothing more (S48).

    A session that counts there sees the rest, and so does a token.
    """
    beta = Company(acme.office, "Beta")
    ben = acme.hire("Ben", "reader")
    assert beta.hire("Ben", "reader") == ben
    demanding(beta)
    caller = replace(acme.caller(ben), vouched_in=(acme.id if at_home else beta.id,))
    look = Probe(acme.office, caller, routes=ROUTES, operations=OPERATIONS)
    listed = look("GET", "/cma/organizations").json["data"]
    told = {one["id"]: (one["attributes"], one["relationships"]["root"]["data"]) for one in listed}
    assert told.keys() == {str(acme.id), str(beta.id)}
    facts, root = told[str(beta.id)]
    assert (facts["name"], facts["provider_required"]) == ("Beta", at_home)
    assert (facts["created_at"] is None) is (root is None) is at_home
    facts, root = told[str(acme.id)]
    assert facts["provider_required"] is False
    assert facts["created_at"]
    assert root
    shown = knock_as(beta, ben, Method.PERSONAL)("GET", "/cma/organizations").json["data"]
    assert not any(one["attributes"]["provider_required"] for one in shown)


def test_a_reader_sees_no_more_than_their_scopes(acme: Company) -> None:
    """Without the scope users, roles and trail are closed; oneself and scopes are not (X6)."""
    ben = acme.hire("Ben", "reader")
    look = knock_as(acme, ben)
    closed = ["/cma/users", f"/cma/users/{acme.ada}", "/cma/audit_events"]
    assert [look("GET", path).status for path in closed] == [403] * 3
    assert look("GET", "/cma/roles").status == 403
    assert look("GET", f"/cma/users/{ben}").status == 200
    assert look("GET", "/cma/organizations").status == 200
    scopes = look("GET", "/cma/scopes?filter[grantable]=true").json["data"]
    assert [scope["id"] for scope in scopes] == [
        "content:read",
        "content-types:read",
        "assets:read",
    ]


def test_an_admin_is_offered_every_scope_that_there_is(ask: Probe) -> None:
    """An admin may ask for each scope that is supported here, and no other is offered (X5, X6)."""
    offered = ask("GET", "/cma/scopes").json["data"]
    assert [scope["id"] for scope in offered] == [str(scope) for scope in Scope]
    assert all(scope["attributes"]["grantable"] for scope in offered)
    assert ask("GET", "/cma/scopes?filter[grantable]=false").json["data"] == []
    assert ask("GET", "/cma/scopes?filter[grantable]=yes").status == 400


@pytest.mark.parametrize("base", ["/roles", "/cma/roles"])
def test_roles_speak_datocms(acme: Company, ask: Probe, base: str) -> None:
    """Roles are made with 200 from a name alone, found, changed, destroyed (D15)."""
    made = ask("POST", base, role(name="press"), {"x-api-version": "3"})
    assert (made.status, made.headers["content-type"]) == (200, "application/json")
    data = made.json["data"]
    assert (data["type"], data["attributes"]["scopes"]) == ("role", [])
    path = f"{base}/{data['id']}"
    wanted = role(scopes=["content:read"], can_manage_access_tokens=True, roots=[str(acme.root)])
    changed = ask("PUT", path, wanted)
    assert changed.status == 200
    attributes = changed.json["data"]["attributes"]
    assert (attributes["name"], attributes["scopes"]) == (
        "press",
        ["content:read", "tokens:manage"],
    )
    assert attributes["roots"] == [str(acme.root)]
    narrowed = ask("PATCH", path, role(can_manage_access_tokens=False), {"if-match": '"2"'})
    assert narrowed.json["data"]["attributes"]["scopes"] == ["content:read"]
    assert narrowed.json["data"]["attributes"]["roots"] == [str(acme.root)]
    assert ask("PATCH", path, role(roots=None)).json["data"]["attributes"]["roots"] is None
    assert ask("GET", path).json["data"]["attributes"]["can_edit_schema"] is False
    assert len(ask("GET", base).json["data"]) == 5
    gone = ask("DELETE", path)
    assert (gone.status, gone.json["data"]["id"]) == (200, data["id"])
    missing = ask("GET", path)
    assert missing.status == 404
    assert missing.json["data"][0]["type"] == "api_error"
    assert missing.json["data"][0]["attributes"]["code"] == "NOT_FOUND"


def test_a_create_that_is_sent_twice_happens_once(acme: Company, ask: Probe) -> None:
    """The same key gives the same member and the same role again (S38)."""
    key = {"idempotency-key": "0123456789abcdef"}
    body = new_user(acme, "ben@people.test", "reader")
    first, second = (ask("POST", "/cma/users", body, key) for _ in range(2))
    assert (first.status, second.status) == (201, 201)
    assert first.json["data"]["id"] == second.json["data"]["id"]
    roles = [ask("POST", "/roles", role(name="press"), key) for _ in range(2)]
    assert roles[0].json["data"]["id"] == roles[1].json["data"]["id"]


def test_the_policy_is_edited_by_who_saw_it(acme: Company, ask: Probe) -> None:
    """A policy is changed upon the version seen: 428 without one, 412 upon an old one (S22)."""
    path = f"/cma/organizations/{acme.id}/token_policy"
    shown = ask("GET", path)
    assert (shown.headers["etag"], shown.json["data"]["attributes"]["quota"]) == ('"1"', 5)
    assert ask("PATCH", path, policy(quota=3)).status == 428
    edited = ask("PATCH", path, policy(quota=3), {"if-match": shown.headers["etag"]})
    assert (edited.status, edited.headers["etag"]) == (200, '"2"')
    assert ask("PATCH", path, policy(quota=4), {"if-match": '"1"'}).status == 412
    dx = ask("PATCH", path, policy(preset="dx", quota=7), {"if-match": '"2"'})
    attributes = dx.json["data"]["attributes"]
    assert (attributes["preset"], attributes["quota"], attributes["lifetime_max"]) == (
        "dx",
        7,
        None,
    )


def test_another_organizations_policy_is_unknown(acme: Company, ask: Probe) -> None:
    """The policy of another organization and of none answer alike (S25)."""
    beta = Company(acme.office, "Beta")
    for id_ in (str(beta.id), UNKNOWN):
        path = f"/cma/organizations/{id_}/token_policy"
        assert ask("GET", path).status == 404
        assert ask("PATCH", path, policy(quota=3), {"if-match": '"1"'}).status == 404


def test_the_trail_goes_on_under_its_filters(acme: Company, ask: Probe) -> None:
    """Filters hold on every page of the trail (X2)."""
    for name in ("Ben", "Cem", "Dee"):
        acme.hire(name, "reader")
    url = "/cma/audit_events?filter[operation]=user.enroll&page[size]=2"
    url += "&filter[since]=2026-03-01T12:00:00%2B00:00"
    first = ask("GET", url)
    second = ask("GET", first.json["links"]["next"])
    found = [one["attributes"] for page in (first, second) for one in page.json["data"]]
    assert [one["operation"] for one in found] == ["user.enroll"] * 3
    assert {one["outcome"] for one in found} == {"allowed"}
    entry = ask("GET", "/cma/audit_events?page[size]=1").json["data"][0]
    assert entry["relationships"]["user"]["data"] == {"type": "user", "id": str(acme.ada)}


def test_the_last_admin_gets_a_clear_answer(acme: Company, ask: Probe) -> None:
    """Removing the last admin is a 409 that says so (S20)."""
    refused = ask("DELETE", f"/cma/users/{acme.ada}")
    assert (refused.status, refused.code) == (409, "LAST_ADMIN")
    everywhere = ask("POST", f"/cma/users/{acme.ada}/deactivate")
    assert (everywhere.status, everywhere.code) == (409, "LAST_ADMIN")


def test_a_user_is_shut_out_and_let_in_again(acme: Company, ask: Probe) -> None:
    """Shutting a user out of everything and letting them in again over HTTP (S20)."""
    ben = acme.hire("Ben", "reader")
    out = ask("POST", f"/cma/users/{ben}/deactivate")
    assert out.json["data"]["attributes"]["active"] is False
    back = ask("POST", f"/cma/users/{ben}/reactivate")
    assert back.json["data"]["attributes"]["active"] is True
    assert acme.member(ben).cut_off > 0


def test_every_route_has_an_operation() -> None:
    """Each door names an operation that exists, so that none is open by oversight (S18)."""
    for route in ROUTES:
        assert route.operation in OPERATIONS
        assert not route.open
