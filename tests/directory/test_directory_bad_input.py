"""What is wrong is refused by name, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from counterfoil.access.scope import Scope
from counterfoil.office import Office
from support.directory import Company
from support.directory_doors import UNKNOWN, knock_as, new_user, policy, role
from support.doors import Probe, Seen


@pytest.fixture
def acme(office: Office) -> Company:
    return Company(office)


@pytest.fixture
def ask(acme: Company) -> Probe:
    """Ada's way in."""
    return knock_as(acme, acme.ada)


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
        "filter[operation]=token.nothing",
        "filter[outcome]=x",
        "filter[target]=ada",
        "filter[target]=tok_1",
        "filter[target]=xyz_1000000000000000",
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
        ({"name": "\u3164"}, "/data/attributes/name"),
        ({"name": "x", "scopes": ["content:eat"]}, "/data/attributes/scopes"),
        ({"name": "x", "scopes": "content:read"}, "/data/attributes/scopes"),
        ({"name": "x", "roots": ["7"]}, "/data/attributes/roots/0"),
        ({"name": "x", "roots": [UNKNOWN]}, "/data/attributes/roots"),
        ({"name": "x", "can_edit_schema": 1}, "/data/attributes/can_edit_schema"),
        ({"name": "x", "can_fly": True}, "/data/attributes/can_fly"),
    ],
)
def test_a_bad_role_is_refused_by_name(ask: Probe, attributes: dict[str, Any], field: str) -> None:
    """Every wrong attribute of a role is a 422 in DatoCMS's words that names it (S38)."""
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


def test_an_id_is_not_for_the_client_to_choose(ask: Probe) -> None:
    """A create that brings its own id is refused (S26)."""
    body = role(name="press")
    body["data"]["id"] = UNKNOWN
    refused = ask("POST", "/roles", body)
    assert refused.status == 422
    assert refused.json["data"][0]["attributes"]["details"]["field"] == "/data/id"


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
