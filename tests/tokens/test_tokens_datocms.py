"""`POST /access_tokens` and its sisters, in DatoCMS's contract."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest
from falcon.testing import Result

from counterfoil import tokens
from counterfoil.access.scope import Scope
from counterfoil.access.surface import ALL_SURFACES, Surface
from counterfoil.kernel.errors import Denied
from counterfoil.tokens.steps.last_use import bucket
from support.office import StandingClock
from support.tokens import Agency, Door, Hall, code, pointer

FLAGS = ("can_access_cda", "can_access_cda_preview", "can_access_cma")
NAMED = {"name": "Read-only API token", **dict.fromkeys(FLAGS, True)}


@pytest.fixture
def manager(agency: Agency) -> Door:
    """A service token of the admin role, at the doors."""
    return agency.door(agency.api_token("admin", surfaces=ALL_SURFACES).secret)


def body(agency: Agency, **change: Any) -> dict[str, Any]:
    """The document as the vendor prints it, with a role of ours."""
    role = {"data": {"type": "role", "id": str(agency.roles["reader"].id)}}
    data = {"type": "access_token", "attributes": NAMED, "relationships": {"role": role}}
    return {"data": {**data, **change}}


def create(
    agency: Agency, door: Door, path: str = "/access_tokens", document: Any = None
) -> Result:
    headers = {
        "Accept": "application/json",
        "X-Api-Version": "3",
        "Content-Type": "application/vnd.api+json",
    }
    return door.raw("POST", path, json.dumps(document or body(agency), indent=2), headers)


@pytest.mark.parametrize("path", ["/access_tokens", "/cma/access_tokens"])
def test_create_as_printed(agency: Agency, manager: Door, path: str) -> None:
    """As printed, it answers 200 with exactly the contract's members (D1, D5, D6, D7, D8)."""
    answer = create(agency, manager, path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "max-age=0, private, must-revalidate, no-store"
    assert answer.headers["x-api-version"] == "3"
    assert set(answer.json) == {"data"}
    data = answer.json["data"]
    assert set(data) == {"type", "id", "attributes", "relationships"}
    assert data["id"].isdigit()
    secret = data["attributes"].pop("token")
    assert data["attributes"] == {**NAMED, "hardcoded_type": ""}
    role = {"type": "role", "id": str(agency.roles["reader"].id)}
    assert data["relationships"] == {"role": {"data": role}}
    assert agency.hall.verify(secret).grant.surfaces == ALL_SURFACES


def test_the_whole_run(agency: Agency, manager: Door) -> None:
    """Create, find, list, update, regenerate, destroy, as the vendor's client does (D15, D8)."""
    with agency.operating() as work:
        tokens.seed_built_in(work, agency.id)
    before = len(manager("GET", "/access_tokens").json["data"])
    made = create(agency, manager).json["data"]
    path, first = f"/access_tokens/{made['id']}", made["attributes"]["token"]
    found = manager("GET", path).json["data"]
    assert found["attributes"]["token"] is None
    assert found["attributes"]["last_cma_access"] == "never"
    assert found["meta"]["enabled"] is True
    assert found["meta"]["token_hint"] == f"cfs_…{first[-4:]}"
    assert len(manager("GET", "/access_tokens").json["data"]) == before + 1
    attributes = {**NAMED, "name": "renamed", "can_access_cma": False}
    update = {"data": {"type": "access_token", "id": made["id"], "attributes": attributes}}
    updated = manager.raw("PUT", path, json.dumps(update))
    assert updated.status_code == 200
    assert updated.json["data"]["attributes"]["name"] == "renamed"
    assert updated.json["data"]["relationships"] == made["relationships"]
    assert not agency.hall.verify(first).grant.surfaces & Surface.MANAGEMENT.bit
    again = manager.raw("POST", f"{path}/regenerate_token")
    second = again.json["data"]["attributes"]["token"]
    assert again.json["data"]["id"] == made["id"]
    assert [agency.hall.refusal(one) for one in (first, second)] == ["INVALID_TOKEN", "allowed"]
    gone = manager("DELETE", path, query="destination_user_type=user&destination_user_id=1")
    assert (gone.status_code, gone.json["data"]["id"]) == (200, made["id"])
    reach = agency.hall.office.receipts.reach
    for answer in (updated, again, gone):  # the contract's body has no place for it (R1)
        assert answer.headers["Counterfoil-Effective"] == reach
    assert agency.hall.refusal(second) == "INVALID_TOKEN"
    assert manager("GET", path).status_code == 404
    assert len(manager("GET", "/access_tokens").json["data"]) == before


@pytest.mark.parametrize("type_", ["access_tokens", "Access_token", "", None, 1, "role"])
def test_the_type_is_exact(agency: Agency, manager: Door, type_: object) -> None:
    """Only access_token is the type; everything else, or none, is 422 at /data/type (D2)."""
    before = agency.counts()
    document = body(agency, type=type_)
    answer = create(agency, manager, document=document)
    assert (answer.status_code, pointer(answer)) == (422, "/data/type")
    del document["data"]["type"]
    answer = create(agency, manager, document=document)
    assert (answer.status_code, pointer(answer)) == (422, "/data/type")
    assert agency.counts() == before


@pytest.mark.parametrize("wrong", ["missing", None, "true", 1, 0, [], {}])
@pytest.mark.parametrize("field", FLAGS)
def test_flags_are_booleans(agency: Agency, manager: Door, field: str, wrong: object) -> None:
    """A missing, null, quoted or numeric flag is 422, names the field, and creates nothing (D3)."""
    before = agency.counts()
    attributes = {**NAMED, field: wrong}
    if wrong == "missing":
        del attributes[field]
    answer = create(agency, manager, document=body(agency, attributes=attributes))
    assert (answer.status_code, pointer(answer)) == (422, f"/data/attributes/{field}")
    assert agency.counts() == before


@pytest.mark.parametrize("name", [None, 1, "", " ", "x" * 101, ["x"]])
def test_the_name_is_a_string(agency: Agency, manager: Door, name: object) -> None:
    """The name is required, a string, and not blank (D3)."""
    answer = create(agency, manager, document=body(agency, attributes={**NAMED, "name": name}))
    assert (answer.status_code, pointer(answer)) == (422, "/data/attributes/name")


@pytest.mark.parametrize(
    ("relationships", "at"),
    [
        ({}, "/role"),
        ({"role": {}}, "/role/data"),
        ({"role": {"data": None}}, "/role/data"),
        ({"role": {"data": {"type": "user", "id": "1"}}}, "/role/data/type"),
        ({"role": {"data": {"type": "role", "id": 34}}}, "/role/data/id"),
        ({"role": {"data": {"type": "role", "id": "34"}}}, "/role/data/id"),
        ({"role": {"data": {"type": "role", "id": "6000000000000000"}}}, "/role/data/id"),
    ],
)
def test_the_role_is_required(
    agency: Agency, manager: Door, relationships: dict[str, Any], at: str
) -> None:
    """An absent, unknown or mistyped role is 422 at its place (D4)."""
    before = agency.counts()
    answer = create(agency, manager, document=body(agency, relationships=relationships))
    assert (answer.status_code, pointer(answer)) == (422, f"/data/relationships{at}")
    assert agency.counts() == before


def test_failures_are_api_errors(agency: Agency, manager: Door) -> None:
    """Failures are the vendor's list of api_error, as JSON (D2, D13)."""
    answer = create(agency, manager, document=body(agency, attributes={}))
    (error,) = answer.json["data"]
    assert (error["type"], answer.headers["content-type"]) == ("api_error", "application/json")
    headers = {"X-Api-Version": "2"}
    assert manager.raw("GET", "/access_tokens", headers=headers).status_code == 400
    for raw, kind, status in (
        ("{", "application/json", 400),
        (json.dumps(body(agency)), "text/plain", 415),
        ('{"data": 1, "data": 2}', "application/json", 400),
    ):
        answer = manager.raw("POST", "/access_tokens", raw, {"Content-Type": kind})
        assert answer.status_code == status
    more = create(agency, manager, document=body(agency, attributes={**NAMED, "id": "1"}))
    assert (more.status_code, pointer(more)) == (422, "/data/attributes/id")


@pytest.mark.parametrize("flags", list(product([False, True], repeat=3)))
def test_the_flags_are_independent(
    agency: Agency, manager: Door, flags: tuple[bool, bool, bool]
) -> None:
    """Each of the eight combinations opens exactly the surfaces whose flag is on (D9)."""
    attributes = {"name": "x", **dict(zip(FLAGS, flags, strict=True))}
    answer = create(agency, manager, document=body(agency, attributes=attributes))
    grant = agency.hall.verify(answer.json["data"]["attributes"]["token"]).grant
    for surface, flag in zip(Surface, flags, strict=True):
        if flag:
            grant.admit(surface)
        else:
            with pytest.raises(Denied):
                grant.admit(surface)


def test_the_caller_needs_the_right(agency: Agency) -> None:
    """Without the right 403, above one's own role 403, revoked 401 (D11)."""
    reader = agency.api_token("reader", surfaces=ALL_SURFACES)
    answer = create(agency, agency.door(reader.secret))
    assert (answer.status_code, code(answer)) == (403, "INSUFFICIENT_SCOPE")
    delivery = agency.api_token("admin")
    answer = create(agency, agency.door(delivery.secret))
    assert (answer.status_code, code(answer)) == (403, "API_NOT_ENABLED_FOR_TOKEN")
    agency.role("manager", Scope.TOKENS_MANAGE)
    weak = agency.api_token("manager", surfaces=ALL_SURFACES)
    answer = create(agency, agency.door(weak.secret))
    assert (answer.status_code, code(answer)) == (403, "INSUFFICIENT_ROLE")
    personal = agency.ask(agency.ada, inherit=True)
    answer = create(agency, agency.door(personal.secret))
    assert (answer.status_code, code(answer)) == (403, "PAT_CANNOT_CREATE_PAT")
    gone = agency.api_token("admin", surfaces=ALL_SURFACES)
    agency.door(gone.secret)("DELETE", "/cma/token")
    assert create(agency, agency.door(gone.secret)).status_code == 401
    assert create(agency, agency.door(None)).status_code == 401


def test_tokens_start_enabled_also_under_squiz(hall: Hall) -> None:
    """This door makes tokens that work, whatever the form of the preset does (Q14, K10)."""
    agency = Agency(hall, preset="squiz")
    answer = create(agency, agency.door(agency.caller(agency.ada)))
    assert answer.status_code == 200
    assert hall.refusal(answer.json["data"]["attributes"]["token"]) == "allowed"


def test_built_in_tokens_refuse_edits(agency: Agency, manager: Door) -> None:
    """A built-in token shows its type, refuses edits, and can be regenerated (D7)."""
    with agency.operating() as work:
        built_in = tokens.seed_built_in(work, agency.id)
    path = f"/access_tokens/{built_in.id}"
    found = manager("GET", path).json["data"]
    assert found["attributes"]["hardcoded_type"] == "readonly_access_token"
    assert found["meta"]["token_hint"] is None
    answer = manager.raw("PUT", path, json.dumps(body(agency, id=str(built_in.id))))
    assert (answer.status_code, code(answer)) == (422, "NON_EDITABLE_ACCESS_TOKEN")
    answer = manager.raw("POST", f"{path}/regenerate_token")
    assert answer.status_code == 403  # it ends, and the built-in token does not (S24)
    session = agency.door(agency.caller(agency.ada))
    assert session.raw("POST", f"{path}/regenerate_token").status_code == 200


def test_regenerate_refuses_personal_tokens(agency: Agency, manager: Door) -> None:
    """At this door a personal token is not to be found, and to regenerate it is 409 (K12)."""
    made = agency.ask(agency.ada)
    assert manager("GET", f"/access_tokens/{made.token.id}").status_code == 404
    answer = manager.raw("POST", f"/access_tokens/{made.token.id}/regenerate_token")
    assert answer.status_code == 409


def test_who_am_i(agency: Agency, manager: Door) -> None:
    """/users/me is the access token that asks, or the user in whose name it asks (D15)."""
    me = manager("GET", "/users/me").json["data"]
    assert (me["type"], me["attributes"]["name"]) == ("access_token", "ci")
    personal = agency.door(agency.ask(agency.ada).secret)
    for path in ("/users/me", "/cma/users/me"):
        user = personal("GET", path).json["data"]
        assert (user["type"], user["id"]) == ("user", str(agency.ada))


def test_last_access_comes_from_what_was_counted(
    agency: Agency, manager: Door, clock: StandingClock
) -> None:
    """A token that has just asked was seen on the management API today, and then yesterday (D7)."""
    made = agency.api_token("admin", surfaces=ALL_SURFACES)
    agency.door(made.secret)("GET", "/access_tokens")
    agency.hall.tally.flush()
    path = f"/access_tokens/{made.token.id}"
    seen = manager("GET", path).json["data"]["attributes"]
    assert (seen["last_cma_access"], seen["last_cda_access"]) == ("today", "never")
    clock.move_on(days=1)
    assert manager("GET", path).json["data"]["attributes"]["last_cma_access"] == "yesterday"


@pytest.mark.parametrize(
    ("ago", "name"),
    [
        (0, "today"), (1, "yesterday"), (2, "this_week"), (3, "last_week"), (9, "last_week"),
        (10, "this_month"), (17, "this_month"), (18, "last_month"), (45, "last_month"),
        (46, "never"),
    ],
)  # fmt: skip
def test_buckets(clock: StandingClock, ago: int, name: str) -> None:
    """Weeks begin on Monday and months are the calendar's (D7)."""
    clock.move_on(days=17)  # Wednesday 18 March 2026
    today = clock().date()
    clock.move_on(days=-ago)
    assert bucket(clock(), today) == name
