"""Registered APIs over HTTP, and roles that name their scopes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from counterfoil.access.caller import Method
from counterfoil.access.scope import Scope
from counterfoil.office import Office
from support.directory import Company
from support.directory_doors import UNKNOWN, knock_as, role
from support.doors import Probe

READ = {"name": "shop:read", "description": "Read orders"}
WRITE = {"name": "shop:write", "description": ""}


@pytest.fixture
def acme(office: Office) -> Company:
    return Company(office)


@pytest.fixture
def ask(acme: Company) -> Probe:
    """Ada's way in."""
    return knock_as(acme, acme.ada)


def api(**attributes: Any) -> dict[str, Any]:
    return {"data": {"type": "api", "attributes": attributes}}


SHOP = api(name="Shop", audience="https://shop.test/", scopes=[READ, {"name": "shop:write"}])


def test_an_api_is_registered_shown_changed_and_retired(ask: Probe) -> None:
    """An API's whole life over HTTP, each step with its status and version (X5)."""
    made = ask("POST", "/cma/apis", SHOP)
    assert made.status == 201
    id_ = made.json["data"]["id"]
    path = f"/cma/apis/{id_}"
    assert (made.headers["location"], made.headers["etag"]) == (path, '"1"')
    shown = ask("GET", f"/cma/apis/api_{id_}")
    assert shown.json["data"] == {
        "type": "api",
        "id": id_,
        "attributes": {
            "name": "Shop",
            "audience": "https://shop.test/",
            "scopes": [READ, WRITE],
        },
        "meta": {"version": 1},
    }
    assert ask("GET", "/cma/apis").json["data"] == [shown.json["data"]]
    changed = ask("PATCH", path, api(scopes=[READ]), {"if-match": '"1"'})
    assert (changed.status, changed.headers["etag"]) == (200, '"2"')
    assert changed.json["data"]["attributes"]["scopes"] == [READ]
    meta = {"effective": "host", "position": int(changed.headers["counterfoil-position"])}
    assert meta.items() <= changed.json["meta"].items()
    assert ask("PATCH", path, api(name="Store"), {"if-match": '"1"'}).status == 412
    assert ask("DELETE", path, None, {"if-match": '"1"'}).status == 412
    gone = ask("DELETE", path)
    assert (gone.status, gone.json["data"]["id"]) == (200, id_)
    assert gone.json["meta"]["effective"] == "host"
    assert [ask(method, path).status for method in ("GET", "DELETE")] == [404, 404]
    trail = ask("GET", f"/cma/audit_events?filter[target]=api_{id_}").json["data"]
    assert [
        one["attributes"]["operation"] for one in trail if one["attributes"]["outcome"] == "allowed"
    ] == [
        "api.retire",
        "api.edit",
        "api.show",
        "api.create",
    ]


def test_the_same_key_registers_once(ask: Probe) -> None:
    """A create that is sent twice makes one API (S38)."""
    key = {"idempotency-key": "0123456789abcdef"}
    first, second = (ask("POST", "/cma/apis", SHOP, key) for _ in range(2))
    assert first.json["data"]["id"] == second.json["data"]["id"]
    taken = ask("POST", "/cma/apis", SHOP)
    assert (taken.status, taken.code) == (409, "NAME_TAKEN")


def test_a_role_names_custom_scopes(acme: Company, ask: Probe) -> None:
    """Roles are written and shown with the scopes of registered APIs, while there are any (X5)."""
    unknown = ask("POST", "/cma/roles", role(name="seller", scopes=["shop:read"]))
    assert unknown.status == 422
    assert b"'shop:read'" in unknown.raw
    id_ = ask("POST", "/cma/apis", SHOP).json["data"]["id"]
    made = ask("POST", "/cma/roles", role(name="seller", scopes=["shop:read", "content:read"]))
    assert made.json["data"]["attributes"]["scopes"] == ["content:read", "shop:read"]
    path = f"/cma/roles/{made.json['data']['id']}"
    flagged = ask("PUT", path, role(can_manage_users=True))
    assert flagged.json["data"]["attributes"]["scopes"] == [
        "content:read",
        "shop:read",
        "users:manage",
    ]
    admin = ask("GET", f"/cma/roles/{acme.roles['admin'].id}")
    assert set(admin.json["data"]["attributes"]["scopes"]) == {
        *map(str, Scope),
        "shop:read",
        "shop:write",
    }
    ask("DELETE", f"/cma/apis/{id_}")
    left = ask("GET", path).json["data"]
    assert left["attributes"]["scopes"] == ["content:read", "users:manage"]
    again = ask("PUT", path, role(scopes=["shop:read"]))
    assert again.status == 422
    assert b"'shop:read'" in again.raw


def test_the_scopes_that_there_are(acme: Company, ask: Probe) -> None:
    """The list names each scope, its API and meaning, and what the caller may ask for (X6)."""
    id_ = ask("POST", "/cma/apis", SHOP).json["data"]["id"]
    ask("POST", "/cma/roles", role(name="seller", scopes=["shop:read"]))
    listed = ask("GET", "/cma/scopes").json["data"]
    assert listed[-2] == {
        "type": "scope",
        "id": "shop:read",
        "attributes": {
            "resource": "shop",
            "action": "read",
            "description": "Read orders",
            "grantable": True,
        },
        "relationships": {"api": {"data": {"type": "api", "id": id_}}},
    }
    assert listed[0]["relationships"] == {"api": {"data": None}}
    assert all(one["attributes"]["description"] for one in listed[:-1])
    ben = knock_as(acme, acme.hire("Ben", "reader"))
    assert len(ben("GET", "/cma/scopes").json["data"]) == len(listed)
    shops = [
        one
        for one in ben("GET", "/cma/scopes?filter[grantable]=false").json["data"]
        if one["id"].startswith("shop")
    ]
    assert len(shops) == 2


def test_members_and_tokens_read_and_admins_write(acme: Company, ask: Probe) -> None:
    """Every member and token sees what is registered; without apis:manage nobody writes (S17)."""
    path = f"/cma/apis/{ask('POST', '/cma/apis', SHOP).json['data']['id']}"
    ben = acme.hire("Ben", "developer")
    for who, status in (
        (knock_as(acme, ben), 403),
        (knock_as(acme, ben, Method.PERSONAL), 403),
        (knock_as(acme, acme.ada, Method.PERSONAL), 403),
        (knock_as(acme, acme.ada, Method.SERVICE), 403),
    ):
        assert who("GET", "/cma/apis").status == 200
        assert who("GET", path).status == 200
        for method, url, body in (
            ("POST", "/cma/apis", SHOP),
            ("PATCH", path, api(name="x")),
            ("DELETE", path, None),
        ):
            assert who(method, url, body).status == status
    assert ask("GET", path).headers["etag"] == '"1"'


Bend = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("bend", "pointer"),
    [
        (lambda b: b.pop("data"), "/data"),
        (lambda b: b["data"].update(type="apis"), "/data/type"),
        (lambda b: b["data"].update(id=UNKNOWN), "/data/id"),
        (lambda b: b["data"]["attributes"].pop("name"), "/data/attributes/name"),
        (lambda b: b["data"]["attributes"].pop("audience"), "/data/attributes/audience"),
        (lambda b: b["data"]["attributes"].update(audience=" "), "/data/attributes/audience"),
        (lambda b: b["data"]["attributes"].update(scopes="shop:read"), "/data/attributes/scopes"),
        (lambda b: b["data"]["attributes"].update(scopes=None), "/data/attributes/scopes"),
        (
            lambda b: b["data"]["attributes"].update(scopes=["shop:read"]),
            "/data/attributes/scopes/0",
        ),
        (
            lambda b: b["data"]["attributes"].update(scopes=[READ] * 101),
            "/data/attributes/scopes",
        ),
        (
            lambda b: b["data"]["attributes"].update(scopes=[READ, READ]),
            "/data/attributes/scopes/1/name",
        ),
        (
            lambda b: b["data"]["attributes"].update(scopes=[{**READ, "number": 1}]),
            "/data/attributes/scopes/0/number",
        ),
        (
            lambda b: b["data"]["attributes"].update(scopes=[{"name": "users:manage"}]),
            "/data/attributes/scopes/0/name",
        ),
    ],
)
def test_a_bad_api_is_refused_by_name(acme: Company, ask: Probe, bend: Bend, pointer: str) -> None:
    """Every wrong member of the body is a 422 that points at it, and nothing is made (S38)."""
    body = {"data": {"type": "api", "attributes": {**SHOP["data"]["attributes"]}}}
    bend(body)
    before = acme.head()
    refused = ask("POST", "/cma/apis", body)
    assert (refused.status, refused.json["errors"][0]["source"]["pointer"]) == (422, pointer)
    assert acme.head() == before


def test_a_change_names_the_api_of_its_address(ask: Probe) -> None:
    """A body for another API than the address is refused, and an unknown address unknown (S26)."""
    path = f"/cma/apis/{ask('POST', '/cma/apis', SHOP).json['data']['id']}"
    body = api(name="Store")
    body["data"]["id"] = UNKNOWN
    assert ask("PATCH", path, body).status == 422
    for id_ in (UNKNOWN, "1", f"rol_{UNKNOWN}"):
        assert ask("PATCH", f"/cma/apis/{id_}", api(name="x")).status == 404
