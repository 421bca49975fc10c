"""Personal tokens, requests and the token itself over HTTP."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from counterfoil.tokens.model import State
from support.office import START, StandingClock
from support.tokens import READ, Agency, code, pointer, request_of

PATH = "/cma/personal_access_tokens"
REQUESTS = "/cma/token_requests"


def test_a_create_is_201_with_the_secret_once(agency: Agency) -> None:
    """Active at once: 201, a Location, and the secret, in this one answer (A3, A12, G5)."""
    door = agency.door(agency.caller(agency.ada))
    answer = door("POST", PATH, {"name": "laptop", "scopes": ["content:read"]})
    assert answer.status_code == 201
    data = answer.json["data"]
    secret = data["attributes"]["token"]
    assert agency.hall.refusal(secret) == "allowed"
    assert answer.headers["location"] == f"{PATH}/{data['id']}"
    assert answer.headers["cache-control"] == "max-age=0, private, must-revalidate, no-store"
    assert answer.headers["pragma"] == "no-cache"
    assert "once" in answer.json["meta"]["warning"]
    for again in (door("GET", PATH), door("GET", f"{PATH}/{data['id']}")):
        assert again.status_code == 200
        assert secret not in again.text
    shown = door("GET", f"{PATH}/{data['id']}").json["data"]["attributes"]
    assert shown["token"] is None
    assert shown["token_hint"] == f"cfp_…{secret[-4:]}"
    assert door("GET", f"{PATH}/tok_{data['id']}").json["data"]["id"] == data["id"]


def test_a_create_that_waits_is_202(agency: Agency) -> None:
    """Pending: 202, the secret, the request, and how many can approve (A7, A10d)."""
    answer = agency.door(agency.caller(agency.dan))(
        "POST", PATH, {"name": "laptop", "scopes": ["content:read"]}
    )
    assert answer.status_code == 202
    data = answer.json["data"]
    assert data["attributes"]["state"] == "pending"
    assert answer.json["meta"]["approvers"] == 1
    secret = data["attributes"]["token"]
    assert agency.hall.refusal(secret) == "TOKEN_PENDING_APPROVAL"
    request = data["relationships"]["request"]["data"]["id"]
    admin = agency.door(agency.caller(agency.ada))
    seen = admin("GET", f"{REQUESTS}/{request}")
    done = admin.raw(
        "POST", f"{REQUESTS}/{request}/approve", headers={"If-Match": seen.headers["etag"]}
    )
    assert (done.status_code, done.json["data"]["attributes"]["state"]) == (200, "approved")
    assert done.json["data"] == admin("GET", f"{REQUESTS}/{request}").json["data"]
    assert int(done.headers["counterfoil-position"]) == agency.head()
    assert agency.hall.refusal(secret) == "allowed"


@pytest.mark.each_engine
def test_a_decision_names_what_it_read(agency: Agency) -> None:
    """Without If-Match 428, with another version 412, and nothing is decided (S22)."""
    asked = agency.ask(agency.dan)
    admin = agency.door(agency.caller(agency.ada))
    dan = agency.door(agency.caller(agency.dan))
    for door, verb, body in (
        (admin, "approve", None),
        (admin, "deny", {"reason": "no"}),
        (dan, "cancel", {}),
    ):
        path = f"{REQUESTS}/{request_of(asked)}/{verb}"
        assert door("POST", path, body, type_="token_request").status_code == 428
        for tag, status in (('"7"', 412), ('W/"1"', 412), ("1", 400)):
            headers = {"If-Match": tag}
            answer = door("POST", path, body, headers, type_="token_request")
            assert answer.status_code == status
    assert agency.state(asked.token.id) is State.PENDING
    headers = {"If-Match": '"1"'}
    narrower = {"scopes": ["content:read"], "roots": [str(agency.press)]}
    answer = admin(
        "POST", f"{REQUESTS}/{request_of(asked)}/approve", narrower, headers, type_="token_request"
    )
    assert answer.status_code == 200
    assert agency.hall.verify(asked.secret).grant.limits == (frozenset({agency.press}),)


def test_deny_and_cancel(agency: Agency) -> None:
    """A denial with its reason is there to be read; a withdrawal needs none (A10a, A10c)."""
    one, two = agency.ask(agency.dan), agency.ask(agency.dan, "two")
    headers = {"If-Match": '"1"'}
    admin, dan = (agency.door(agency.caller(user)) for user in (agency.ada, agency.dan))
    path = f"{REQUESTS}/{request_of(one)}/deny"
    blank = admin("POST", path, {"reason": " "}, headers, type_="token_request")
    assert (blank.status_code, pointer(blank)) == (422, "/data/attributes/reason")
    assert admin("POST", path, {"reason": "No."}, headers, type_="token_request").status_code == 200
    seen = dan("GET", f"{REQUESTS}/{request_of(one)}").json["data"]["attributes"]
    assert (seen["state"], seen["reason"]) == ("denied", "No.")
    path = f"{REQUESTS}/{request_of(two)}/cancel"
    done = dan.raw("POST", path, headers=headers)
    assert done.status_code == 200
    assert done.json["data"] == dan("GET", f"{REQUESTS}/{request_of(two)}").json["data"]
    assert agency.state(two.token.id) is State.REVOKED


@pytest.mark.each_engine
def test_lists(agency: Agency) -> None:
    """One's own by default, others' for who may approve, by state and in pages (A24, A21)."""
    for number in range(3):
        agency.ask(agency.dan, f"token {number}")
    agency.ask(agency.ada)
    admin, dan = (agency.door(agency.caller(user)) for user in (agency.ada, agency.dan))
    assert len(dan("GET", PATH).json["data"]) == 3
    assert len(admin("GET", PATH).json["data"]) == 1
    assert len(admin("GET", PATH, query="filter[owner]=all").json["data"]) == 4
    assert len(admin("GET", PATH, query=f"filter[owner]=usr_{agency.dan}").json["data"]) == 3
    assert dan("GET", PATH, query="filter[owner]=all").status_code == 403
    assert len(dan("GET", PATH, query="filter[state]=active").json["data"]) == 0
    assert dan("GET", PATH, query="filter[state]=undead").status_code == 400
    assert dan("GET", PATH, query="filter[color]=red").status_code == 400
    assert dan("GET", PATH, query="page[after]=" + "9" * 400).status_code == 400
    assert dan("GET", PATH, query="page[after]=1").status_code == 400
    page = dan("GET", PATH, query="page[size]=2").json
    assert (len(page["data"]), page["meta"]["total_count"]) == (2, 3)
    rest = dan.raw(
        "GET", page["links"]["next"].split("?")[0], query=page["links"]["next"].split("?")[1]
    )
    assert len(rest.json["data"]) == 1
    for list_ in (PATH, REQUESTS, "/cma/api_tokens", "/cma/key_pairs"):
        assert admin("GET", list_, query="page[after]=4000000000000000").status_code == 400
    assert len(admin("GET", REQUESTS).json["data"]) == 3
    assert len(dan("GET", REQUESTS, query="filter[state]=open").json["data"]) == 3
    assert dan("GET", REQUESTS, query=f"filter[requester]={agency.ada}").status_code == 403
    assert dan("GET", REQUESTS, query="filter[state]=odd").status_code == 400


@pytest.mark.each_engine
def test_patch(agency: Agency) -> None:
    """Name and scopes are edited; widening is 202 and waits; `enabled` switches (X14, Q3)."""
    made = agency.granted(agency.dan)
    door, path = agency.door(agency.caller(agency.dan)), f"{PATH}/{made.token.id}"
    answer = door("PATCH", path, {"name": "desk"})
    assert (answer.status_code, answer.json["data"]["attributes"]["name"]) == (200, "desk")
    wider = door("PATCH", path, {"scopes": ["content:read", "content:write"]})
    assert wider.status_code == 202
    assert wider.json["data"]["relationships"]["request"]["data"]["type"] == "token_request"
    assert wider.json["data"]["attributes"]["scopes"] == ["content:read"]
    off = door("PATCH", path, {"enabled": False, "name": "off"})
    assert off.json["data"]["attributes"]["state"] == "disabled"
    assert agency.hall.refusal(made.secret) == "TOKEN_DISABLED"
    later = door("PATCH", path, {"expires_at": "2027-01-01T00:00:00Z"})
    assert (later.status_code, code(later)) == (422, "EXPIRATION_CANNOT_BE_EXTENDED")
    assert door("PATCH", path, {}).status_code == 422
    assert door("PATCH", path, {"name": "x"}, {"If-Match": '"1"'}).status_code == 412
    admin = agency.door(agency.caller(agency.ada))
    assert admin("PATCH", path, {"enabled": True}).status_code == 200
    assert admin("PATCH", path, {"name": "mine"}).status_code == 403


def test_delete_repeats_its_answer(agency: Agency) -> None:
    """DELETE answers 200 with what it did and from where in the feed, again and again (X15).

    Each names the entry of its own in the trail.
    """
    made = agency.granted(agency.dan)
    door, path = agency.door(agency.caller(agency.dan)), f"{PATH}/{made.token.id}"
    first = door("DELETE", path)
    assert first.status_code == 200
    meta = {"effective": "host", "position": agency.head()}
    assert meta.items() <= first.json["meta"].items()
    assert agency.hall.refusal(made.secret) == "INVALID_TOKEN"
    agency.ask(agency.ada)
    again = door("DELETE", path)
    assert (again.status_code, again.json["data"]) == (200, first.json["data"])
    assert meta.items() <= again.json["meta"].items()
    assert again.json["meta"]["audit_event"] > first.json["meta"]["audit_event"]
    final = door("PATCH", path, {"name": "back"})
    assert (final.status_code, code(final)) == (409, "TOKEN_FINAL")
    assert door("GET", path).json["data"]["attributes"]["state"] == "revoked"


@pytest.mark.each_engine
def test_revoke_all(agency: Agency) -> None:
    """One call revokes all of one's own (G15)."""
    made = [agency.granted(agency.dan, f"token {number}") for number in range(2)]
    answer = agency.door(agency.caller(agency.dan)).raw("POST", f"{PATH}/revoke_all")
    assert (answer.status_code, answer.json["meta"]["revoked"]) == (200, 2)
    assert {agency.hall.refusal(one.secret) for one in made} == {"INVALID_TOKEN"}


@pytest.mark.each_engine
def test_successor(agency: Agency) -> None:
    """Renewing is one call, with or without other settings, approved as any (X19)."""
    made = agency.granted(agency.dan, "ci")
    door = agency.door(agency.caller(agency.dan))
    answer = door.raw("POST", f"{PATH}/{made.token.id}/successor")
    assert answer.status_code == 202
    assert answer.json["data"]["attributes"]["name"] == "ci"
    assert answer.json["data"]["relationships"]["predecessor"]["data"]["id"] == str(made.token.id)
    other = door("POST", f"{PATH}/{made.token.id}/successor", {"name": "ci 2"})
    assert other.json["data"]["attributes"]["name"] == "ci 2"


def test_preview_and_options(agency: Agency) -> None:
    """What a token could do, and what there is to choose from; nothing is made (X6, X10)."""
    door, before = agency.door(agency.caller(agency.dan)), agency.counts()
    answer = door("POST", f"{PATH}/preview", {"scopes": ["content:read"]})
    assert answer.status_code == 200
    attributes = answer.json["data"]["attributes"]
    assert attributes["state"] == "pending"
    assert attributes["effective"]["scopes"] == ["content:read"]
    refused = door("POST", f"{PATH}/preview", {"scopes": ["audit:read"]})
    assert (refused.status_code, code(refused)) == (422, "SCOPE_ABOVE_ROLE")
    options = door("GET", f"{PATH}/options").json["data"]["attributes"]
    assert [one["name"] for one in options["expirations"]] == [
        "7 days", "30 days", "60 days", "90 days", "custom",
    ]  # fmt: skip
    assert options["quota"] == {"limit": 5, "count": 0}
    assert agency.counts() == before


@pytest.mark.parametrize(
    ("attributes", "at"),
    [
        ({}, "name"),
        ({"name": None}, "name"),
        ({"name": 7}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x"}, "scopes"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": "content:read"}, "scopes"),
        ({"name": "x", "scopes": ["content:fly"]}, "scopes"),
        ({"name": "x", "scopes": ["content:read"] * 201}, "scopes"),
        ({"name": "x", "scope_mode": "all"}, "scope_mode"),
        ({"name": "x", "scope_mode": "inherit", "scopes": ["content:read"]}, "scopes"),
        ({"name": "x", "scope_mode": "explicit", "scopes": None}, "scopes"),
        ({"name": "x", "scopes": None, "roots": ["nod_1"]}, "roots/0"),
        ({"name": "x", "scopes": None, "roots": ["4000000000000000"]}, "roots/0"),
        ({"name": "x", "scopes": None, "roots": [4000000000000000]}, "roots"),
        ({"name": "x", "scopes": None, "surfaces": ["moon"]}, "surfaces"),
        ({"name": "x", "scopes": None, "expires_at": "2026-03-01"}, "expires_at"),
        ({"name": "x", "scopes": None, "expires_at": "2026-04-01T00:00:00"}, "expires_at"),
        ({"name": "x", "scopes": None, "expires_at": "2026-W20-1T00:00:00Z"}, "expires_at"),
        ({"name": "x", "scopes": None, "expires_at": "9999-12-31T23:59:59-12:00"}, "expires_at"),
        ({"name": "x", "scopes": None, "expires_at": "0001-01-01T00:00:00+12:00"}, "expires_at"),
        ({"name": "x", "scopes": None, "expires_at": "2026-02-30T00:00:00Z"}, "expires_at"),
        ({"name": "x", "scopes": None, "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "x", "scopes": None, "expires_at": None}, "expires_at"),
        ({"name": "x", "scopes": None, "expires_at": 1}, "expires_at"),
        ({"name": "x", "scopes": None, "span": "some"}, "span"),
        ({"name": "x", "scopes": None, "justification": "y" * 501}, "justification"),
        ({"name": "x", "scopes": None, "owner": "me"}, "owner"),
        ({"name": "x", "scopes": None, "token": "cfp_x"}, "token"),
    ],
)
def test_bad_input(agency: Agency, attributes: dict[str, Any], at: str) -> None:
    """What is missing, mistyped or too much is 422 at its field, and changes nothing (S24, S38)."""
    before = agency.counts()
    answer = agency.door(agency.caller(agency.ada))("POST", PATH, attributes)
    assert answer.status_code == 422
    assert (pointer(answer) or "").startswith(f"/data/attributes/{at}")
    assert agency.counts() == before


@pytest.mark.parametrize(
    "instant", ["2026-03-02T00:00:00Z", "2026-03-02t01:00:00+01:00", "2026-03-01T23:59:59.5z"]
)
def test_instants_with_an_offset_are_read(agency: Agency, instant: str) -> None:
    """RFC 3339 with an offset is read to the microsecond and said again in UTC (S24)."""
    answer = agency.door(agency.caller(agency.ada))(
        "POST", PATH, {"name": "x", "scopes": None, "expires_at": instant}
    )
    assert answer.status_code == 201
    assert answer.json["data"]["attributes"]["expires_at"].endswith("Z")


def test_another_kinds_id_in_a_body_is_refused(agency: Agency) -> None:
    """A body names what its address names: the digits under another prefix are not it (S24)."""
    door = agency.door(agency.caller(agency.ada))
    id_ = agency.ask(agency.ada).token.id
    for said, status in ((f"{id_}", 200), (f"tok_{id_}", 200), (f"usr_{id_}", 422), ("x", 422)):
        attributes = {"description": f"as {said}"}
        body = {"data": {"type": "personal_access_token", "id": said, "attributes": attributes}}
        assert door.raw("PATCH", f"{PATH}/{id_}", json.dumps(body)).status_code == status


def test_unknown_ids_are_404(agency: Agency) -> None:
    """An unknown id, a malformed one and another kind's prefix answer alike (S25, S26)."""
    door = agency.door(agency.caller(agency.ada))
    made = agency.ask(agency.ada)
    for id_ in ("6000000000000000", "x", f"req_{made.token.id}", "tok_12", "\uff19" * 16):
        for method in ("GET", "DELETE"):
            assert door(method, f"{PATH}/{id_}").status_code == 404
        assert door("PATCH", f"{PATH}/{id_}", {"name": "x"}).status_code == 404


def test_a_replayed_create_makes_one_token(agency: Agency) -> None:
    """A create repeated with its key makes one token and shows no secret again (S23, S9)."""
    door, headers = agency.door(agency.caller(agency.ada)), {"Idempotency-Key": "k" * 16}
    body = {"name": "ci", "scopes": ["content:read"]}
    first = door("POST", PATH, body, headers)
    again = door("POST", PATH, body, headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json["data"]["id"] == first.json["data"]["id"]
    assert again.json["data"]["attributes"]["token"] is None
    assert again.json["meta"]["secret_already_shown"] is True
    assert "warning" not in again.json["meta"]
    assert agency.counts()["token"] == 1


def test_the_quota_over_http(agency: Agency) -> None:
    """The sixth is 409 TOKEN_QUOTA_EXCEEDED with limit and count (A4)."""
    door = agency.door(agency.caller(agency.ada))
    for number in range(5):
        agency.ask(agency.ada, f"token {number}")
    answer = door("POST", PATH, {"name": "six", "scopes": None})
    assert (answer.status_code, code(answer)) == (409, "TOKEN_QUOTA_EXCEEDED")
    assert answer.json["errors"][0]["meta"] == {"limit": 5, "count": 5}


@pytest.mark.each_engine
def test_an_expired_token_is_shown_as_expired(agency: Agency, clock: StandingClock) -> None:
    """A list says expired where the clock has passed the end (G6)."""
    made = agency.ask(agency.ada, scopes=READ, expires_at=START + timedelta(hours=1))
    clock.move_on(hours=1)
    shown = agency.door(agency.caller(agency.ada))("GET", f"{PATH}/{made.token.id}")
    assert shown.json["data"]["attributes"]["state"] == "expired"
