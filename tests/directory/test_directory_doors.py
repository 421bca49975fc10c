"""Users, roles, organizations, policies, scopes and the trail, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from company import Company
from counterfoil.access.caller import Method
from counterfoil.access.scope import Scope
from counterfoil.directory import (
    management,
    management_audit,
    management_policy,
    management_roles,
)
from counterfoil.kernel.ids import UserId
from counterfoil.operation import OPERATIONS, Office
from probe import Probe, Seen

ROUTES = (
    *management.ROUTES,
    *management_roles.ROUTES,
    *management_policy.ROUTES,
    *management_audit.ROUTES,
)
UNKNOWN = "1000000000000000"


@pytest.fixture
def acme(office: Office) -> Company:
    return Company(office)


@pytest.fixture
def ask(acme: Company) -> Probe:
    """Ada's way in."""
    return as_(acme, acme.ada)


def as_(company: Company, user: UserId, method: Method = Method.SESSION) -> Probe:
    return Probe(company.office, company.caller(user, method), routes=ROUTES, operations=OPERATIONS)


def new_user(
    company: Company, email: str | None = "ben@people.test", *roles: str
) -> dict[str, Any]:
    attributes: dict[str, Any] = {"name": "Ben"}
    attributes |= {"kind": "service"} if email is None else {"email": email}
    return {
        "data": {
            "type": "user",
            "attributes": attributes,
            "relationships": {"roles": holding(company, *roles)},
        }
    }


def holding(company: Company, *roles: str) -> dict[str, Any]:
    return {"data": [{"type": "role", "id": str(company.roles[role].id)} for role in roles]}


def role(**attributes: Any) -> dict[str, Any]:
    return {"data": {"type": "role", "attributes": attributes}}


def policy(**attributes: Any) -> dict[str, Any]:
    return {"data": {"type": "token_policy", "attributes": attributes}}


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
    }
    body = {"data": {"type": "user", "id": id_, "attributes": {"active": False}}}
    out = ask("PATCH", path, body, {"if-match": '"1"'})
    assert (out.status, out.json["data"]["attributes"]["active"]) == (200, False)
    assert out.json["meta"] == {
        "effective": "host",
        "position": int(out.headers["counterfoil-position"]),
    }
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
    """An administrator's token gets 403 from every route that changes users, whatever it sends (G9)."""
    url = path.format(user=acme.ada)
    takes = {route.path: route.takes for route in ROUTES if route.method == method}
    before = acme.head()
    for body in (None, {"anything": 1}) if takes[path.replace("{user}", "{id}")] else (None,):
        refused = as_(acme, acme.ada, kind)(method, url, body)
        assert (refused.status, refused.code) == (403, "PAT_CANNOT_MANAGE_USERS")
    assert acme.head() == before
    trail = as_(acme, acme.ada)("GET", "/cma/audit_events?filter[outcome]=PAT_CANNOT_MANAGE_USERS")
    assert trail.json["data"]


def test_reads_are_open_to_tokens(acme: Company) -> None:
    """Personal and service tokens read users, roles, scopes, policy and trail (G9, X6)."""
    for kind in (Method.PERSONAL, Method.SERVICE):
        look = as_(acme, acme.ada, kind)
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


def test_a_reader_sees_no_more_than_their_scopes(acme: Company) -> None:
    """Without the scope users, roles and trail are closed; oneself, policy and scopes are not (X6)."""
    ben = acme.hire("Ben", "reader")
    look = as_(acme, ben)
    closed = ["/cma/users", f"/cma/users/{acme.ada}", "/cma/audit_events"]
    assert [look("GET", path).status for path in closed] == [403] * 3
    assert look("GET", "/cma/roles").status == 403
    assert look("GET", f"/cma/users/{ben}").status == 200
    assert look("GET", "/cma/organizations").status == 200
    scopes = [scope["id"] for scope in look("GET", "/cma/scopes").json["data"]]
    assert scopes == ["content:read", "content-types:read", "assets:read"]


@pytest.mark.parametrize("base", ["/roles", "/cma/roles"])
def test_roles_speak_datocms(acme: Company, ask: Probe, base: str) -> None:
    """Roles are created with 200 from a name alone, found, changed and destroyed as DatoCMS does (D4, D15)."""
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
    """A policy is changed upon the version seen; without one 428, upon an old one 412 (S22, K10)."""
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


@pytest.mark.parametrize(
    "query",
    [
        "filter[since]=yesterday",
        "filter[since]=2026-03-01",
        "filter[since]=2026-03-01T12:00:00",
        "filter[before]=9999-12-31T23:59:59-12:00",
        "filter[before]=2026-02-30T00:00:00Z",
        "filter[actor]=ada",
        "filter[token]=usr_1000000000000000",
        "filter[colour]=red",
        "filter[operation]=a&filter[operation]=b",
        "page[after]=x",
        "page[size]=0",
        "page[size]=101",
        "filter[target]=%00",
    ],
)
def test_a_wrong_question_is_refused(ask: Probe, query: str) -> None:
    """A filter that cannot be read is a 400 that names it (S24, S39)."""
    refused = ask("GET", f"/cma/audit_events?{query}")
    assert refused.status == 400
    assert refused.json["errors"][0]["source"]["parameter"] in query


Bend = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("bend", "pointer"),
    [
        (lambda b: b.pop("data"), "/data"),
        (lambda b: b["data"].update(type="users"), "/data/type"),
        (lambda b: b["data"].update(id=UNKNOWN), "/data/id"),
        (lambda b: b["data"].pop("relationships"), "/data/relationships"),
        (lambda b: b["data"]["attributes"].pop("name"), "/data/attributes/name"),
        (lambda b: b["data"]["attributes"].update(name=7), "/data/attributes/name"),
        (lambda b: b["data"]["attributes"].update(name="\u202e"), "/data/attributes/name"),
        (lambda b: b["data"]["attributes"].update(name="a\0b"), "/data/attributes/name"),
        (lambda b: b["data"]["attributes"].update(email="nobody"), "/data/attributes/email"),
        (lambda b: b["data"]["attributes"].update(email=None), "/data/attributes/email"),
        (lambda b: b["data"]["attributes"].update(active=True), "/data/attributes/active"),
        (lambda b: b["data"]["attributes"].update(kind="robot"), "/data/attributes/kind"),
        (
            lambda b: b["data"]["relationships"]["roles"].update(
                data=[{"type": "role", "id": "1"}]
            ),
            "/data/relationships/roles/data/0/id",
        ),
        (
            lambda b: b["data"]["relationships"]["roles"].update(
                data=[{"type": "role", "id": UNKNOWN}]
            ),
            "/data/relationships/roles/data/0/id",
        ),
        (
            lambda b: b["data"]["relationships"]["roles"].update(
                data=[{"type": "roles", "id": UNKNOWN}]
            ),
            "/data/relationships/roles/data/0/type",
        ),
    ],
)
def test_a_bad_user_is_refused_by_name(acme: Company, ask: Probe, bend: Bend, pointer: str) -> None:
    """Every wrong member of the body is a 422 that points at it, and nobody is enrolled (S38)."""
    body = new_user(acme, "ben@people.test", "reader")
    bend(body)
    before = acme.head()
    refused = ask("POST", "/cma/users", body)
    assert (refused.status, refused.json["errors"][0]["source"]["pointer"]) == (422, pointer)
    assert acme.head() == before


@pytest.mark.parametrize(
    ("attributes", "field"),
    [
        ({}, "/data/attributes/name"),
        ({"name": " "}, "/data/attributes/name"),
        ({"name": "x", "scopes": ["content:eat"]}, "/data/attributes/scopes"),
        ({"name": "x", "scopes": "content:read"}, "/data/attributes/scopes"),
        ({"name": "x", "roots": ["7"]}, "/data/attributes/roots/0"),
        ({"name": "x", "roots": [UNKNOWN]}, "/data/attributes/roots"),
        ({"name": "x", "can_edit_schema": 1}, "/data/attributes/can_edit_schema"),
        ({"name": "x", "can_fly": True}, "/data/attributes/can_fly"),
    ],
)
def test_a_bad_role_is_refused_by_name(ask: Probe, attributes: dict[str, Any], field: str) -> None:
    """Every wrong attribute of a role is a 422 in DatoCMS's words that names it (D13, S38)."""
    refused = ask("POST", "/cma/roles", role(**attributes))
    error = refused.json["data"][0]
    assert (refused.status, error["type"]) == (422, "api_error")
    assert error["attributes"]["details"]["field"] == field


@pytest.mark.parametrize(
    ("attributes", "field"),
    [
        ({"quota": "5"}, "quota"),
        ({"quota": 5.5}, "quota"),
        ({"approval": "some"}, "approval"),
        ({"lifetime_max": "P0D"}, "lifetime_max"),
        ({"lifetime_max": 2}, "lifetime_max"),
        ({"preset": "joomla"}, "preset"),
        ({"delivery_rate": -1}, "delivery_rate"),
        ({"management_limit": None}, "management_limit"),
        ({"version": 9}, "version"),
        ({"lifetime_ceiling": None}, "lifetime_ceiling"),
    ],
)
def test_a_bad_policy_is_refused_by_name(
    acme: Company, ask: Probe, attributes: dict[str, Any], field: str
) -> None:
    """Every wrong field of a policy is a 422 that points at it (S38)."""
    path = f"/cma/organizations/{acme.id}/token_policy"
    refused = ask("PATCH", path, policy(**attributes), {"if-match": '"1"'})
    pointer = refused.json["errors"][0]["source"]["pointer"]
    assert (refused.status, pointer) == (422, f"/data/attributes/{field}")


@pytest.mark.parametrize("id_", ["x", "0", UNKNOWN, "rol_1", "tok_1000000000000000", "9" * 40])
def test_an_id_that_is_none_is_unknown(ask: Probe, id_: str) -> None:
    """A malformed id, another kind's and an unknown one are the same 404 (S25, S26)."""
    answers: list[Seen] = [ask("GET", f"/cma/{what}/{id_}") for what in ("users", "roles")]
    assert [answer.status for answer in answers] == [404, 404]


def test_a_document_names_what_its_address_does(acme: Company, ask: Probe) -> None:
    """A body that names another resource than the address is refused (S25)."""
    press = acme.role("press", Scope.CONTENT_READ)
    body = role(name="media")
    body["data"]["id"] = str(acme.roles["reader"].id)
    assert ask("PUT", f"/roles/{press.id}", body).status == 422
    ben = acme.hire("Ben", "reader")
    other = {"data": {"type": "user", "id": str(acme.ada), "attributes": {"active": False}}}
    assert ask("PATCH", f"/cma/users/{ben}", other).status == 422
    empty = {"data": {"type": "user", "attributes": {}}}
    assert ask("PATCH", f"/cma/users/{ben}", empty).status == 422


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
