"""Personal tokens, requests and the token itself over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from counterfoil.tokens.model import State
from house import START, StandingClock
from tokens.agency import READ, Agency, code, pointer, request_of

PATH = "/cma/personal_access_tokens"
REQUESTS = "/cma/token_requests"


def test_a_create_is_201_with_the_secret_once(agency: Agency) -> None:
    """Active at once: 201, a Location, the secret, and no answer after it has it again (A3, A12, G5)."""
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
    """Pending: 202, the same resource with its secret, the request, and how many can approve (A7, A10d)."""
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
    assert int(done.headers["counterfoil-position"]) == agency.head()
    assert agency.hall.refusal(secret) == "allowed"


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
    assert dan.raw("POST", path, headers=headers).status_code == 200
    assert agency.state(two.token.id) is State.REVOKED


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
    assert dan("GET", PATH, query="filter[state]=undead").status_code == 422
    assert dan("GET", PATH, query="filter[color]=red").status_code == 400
    assert dan("GET", PATH, query="page[after]=" + "9" * 400).status_code == 400
    assert dan("GET", PATH, query="page[after]=1").status_code == 400
    page = dan("GET", PATH, query="page[size]=2").json
    assert (len(page["data"]), page["meta"]["total_count"]) == (2, 3)
    rest = dan.raw("GET", page["links"]["next"].split("?")[0], query=page["links"]["next"].split("?")[1])
    assert len(rest.json["data"]) == 1
    assert len(admin("GET", REQUESTS).json["data"]) == 3
    assert len(dan("GET", REQUESTS, query="filter[state]=open").json["data"]) == 3
    assert dan("GET", REQUESTS, query=f"filter[requester]={agency.ada}").status_code == 403
    assert dan("GET", REQUESTS, query="filter[state]=odd").status_code == 422


def test_patch(agency: Agency) -> None:
    """Name and scopes are edited; widening answers 202 and waits; on and off is `enabled` (X14, Q3)."""
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
    """DELETE answers 200 with what it did and from where in the feed, again and again (X15)."""
    made = agency.granted(agency.dan)
    door, path = agency.door(agency.caller(agency.dan)), f"{PATH}/{made.token.id}"
    first = door("DELETE", path)
    assert first.status_code == 200
    assert first.json["meta"] == {"effective": "host", "position": agency.head()}
    assert agency.hall.refusal(made.secret) == "INVALID_TOKEN"
    agency.ask(agency.ada)
    again = door("DELETE", path)
    assert (again.status_code, again.json) == (200, first.json)
    final = door("PATCH", path, {"name": "back"})
    assert (final.status_code, code(final)) == (409, "TOKEN_FINAL")
    assert door("GET", path).json["data"]["attributes"]["state"] == "revoked"


def test_revoke_all(agency: Agency) -> None:
    """One call revokes all of one's own (G15)."""
    made = [agency.granted(agency.dan, f"token {number}") for number in range(2)]
    answer = agency.door(agency.caller(agency.dan)).raw("POST", f"{PATH}/revoke_all")
    assert (answer.status_code, answer.json["meta"]["revoked"]) == (200, 2)
    assert {agency.hall.refusal(one.secret) for one in made} == {"INVALID_TOKEN"}


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
    """What a token could do, and what there is to choose from, without making anything (X6, X10)."""
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
    """Whatever is missing, mistyped or too much is 422, names its field, and changes nothing (S24, S38)."""
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


def test_unknown_ids_are_404(agency: Agency) -> None:
    """An unknown id, a malformed one and another kind's prefix answer alike (S25, S26)."""
    door = agency.door(agency.caller(agency.ada))
    made = agency.ask(agency.ada)
    for id_ in ("6000000000000000", "x", f"req_{made.token.id}", "tok_12", "９" * 16):
        for method in ("GET", "DELETE"):
            assert door(method, f"{PATH}/{id_}").status_code == 404
        assert door("PATCH", f"{PATH}/{id_}", {"name": "x"}).status_code == 404


def test_a_token_asks_who_it_is(agency: Agency) -> None:
    """GET /cma/token says state, owner, scopes, roots and end; DELETE ends the token itself (S17)."""
    made = agency.ask(agency.ada, "ci", roots=frozenset({agency.press}))
    door = agency.door(made.secret)
    answer = door("GET", "/cma/token")
    attributes = answer.json["data"]["attributes"]
    assert answer.json["data"]["id"] == str(made.token.id)
    assert (attributes["method"], attributes["name"]) == ("personal", "ci")
    assert (attributes["scopes"], attributes["roots"]) == (["content:read"], [str(agency.press)])
    assert attributes["state"] == "active"
    assert attributes["expires_at"] == "2026-03-31T12:00:00Z"
    assert answer.json["data"]["relationships"]["user"]["data"]["id"] == str(agency.ada)
    gone = door("DELETE", "/cma/token")
    assert gone.json["meta"] == {"effective": "host", "position": agency.head()}
    refused = door("GET", "/cma/token")
    assert refused.status_code == 401
    session = agency.door(agency.caller(agency.dan))("GET", "/cma/token").json["data"]
    assert session["attributes"]["method"] == "session"


def test_a_token_creates_no_token_over_http(agency: Agency) -> None:
    """A personal token gets 403 PAT_CANNOT_CREATE_PAT at every door that mints (G4, G3)."""
    made = agency.ask(agency.ada, inherit=True)
    door, before = agency.door(made.secret), agency.counts()
    for path in (PATH, f"{PATH}/{made.token.id}/successor", f"{PATH}/preview"):
        answer = door("POST", path, {"name": "x", "scopes": None})
        assert (answer.status_code, code(answer)) == (403, "PAT_CANNOT_CREATE_PAT")
    for path, type_ in (("/cma/api_tokens", "api_token"), ("/cma/key_pairs", "key_pair")):
        answer = door("POST", path, {"name": "x"}, type_=type_)
        assert (answer.status_code, code(answer)) == (403, "PAT_CANNOT_CREATE_PAT")
    assert agency.counts() == before


def test_a_replayed_create_makes_one_token(agency: Agency) -> None:
    """With an Idempotency-Key a repeated create makes one token and shows no secret again (S23, S9)."""
    door, headers = agency.door(agency.caller(agency.ada)), {"Idempotency-Key": "k" * 16}
    body = {"name": "ci", "scopes": ["content:read"]}
    first = door("POST", PATH, body, headers)
    again = door("POST", PATH, body, headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json["data"]["id"] == first.json["data"]["id"]
    assert again.json["data"]["attributes"]["token"] is None
    assert again.json["meta"]["secret_already_shown"] is True
    assert agency.counts()["token"] == 1


def test_the_quota_over_http(agency: Agency) -> None:
    """The sixth is 409 TOKEN_QUOTA_EXCEEDED with limit and count (A4)."""
    door = agency.door(agency.caller(agency.ada))
    for number in range(5):
        agency.ask(agency.ada, f"token {number}")
    answer = door("POST", PATH, {"name": "six", "scopes": None})
    assert (answer.status_code, code(answer)) == (409, "TOKEN_QUOTA_EXCEEDED")
    assert answer.json["errors"][0]["meta"] == {"limit": 5, "count": 5}


def test_an_expired_token_is_shown_as_expired(agency: Agency, clock: StandingClock) -> None:
    """A list says expired where the clock has passed the end (G6)."""
    made = agency.ask(agency.ada, scopes=READ, expires_at=START + timedelta(hours=1))
    clock.move_on(hours=1)
    shown = agency.door(agency.caller(agency.ada))("GET", f"{PATH}/{made.token.id}")
    assert shown.json["data"]["attributes"]["state"] == "expired"


def test_api_tokens_in_our_own_words(agency: Agency) -> None:
    """Authority, scopes, roots, surfaces, end and `enabled` are set, edited and shown (K5, Q6, Q10)."""
    door = agency.door(agency.caller(agency.ada))
    made = door(
        "POST",
        "/cma/api_tokens",
        {"name": "site", "scopes": ["content:read"], "roots": [f"nod_{agency.press}"], "enabled": False},
        type_="api_token",
        relationships={"user": {"data": {"type": "user", "id": str(agency.rea)}}},
    )
    assert made.status_code == 201
    data = made.json["data"]
    assert (data["attributes"]["state"], data["attributes"]["authority"]) == ("disabled", "user")
    secret, path = data["attributes"]["token"], f"/cma/api_tokens/{data['id']}"
    assert agency.hall.refusal(secret) == "TOKEN_DISABLED"
    on = door("PATCH", path, {"enabled": True}, type_="api_token")
    assert on.status_code == 200
    assert agency.hall.refusal(secret) == "allowed"
    none = door(
        "PATCH", path, {}, type_="api_token", relationships={"user": {"data": None}}
    )
    assert none.status_code == 200
    assert agency.hall.refusal(secret) == "TOKEN_HAS_NO_USER"
    again = door.raw("POST", f"{path}/regenerate", query="grace=60")
    assert again.json["data"]["attributes"]["token"] != secret
    assert door.raw("POST", f"{path}/regenerate", query="grace=99999999").status_code == 400
    assert len(door("GET", "/cma/api_tokens").json["data"]) == 1
    assert door("DELETE", path, query="descendants=maybe").status_code == 422
    gone = door("DELETE", path)
    assert gone.json["meta"]["position"] == agency.head()
    assert door("DELETE", path).json == gone.json
    assert door("GET", path).status_code == 404


@pytest.mark.parametrize(
    ("relationships", "at"),
    [
        ({}, "role/data"),
        ({"role": {"data": None}}, "role/data"),
        ({"role": {"data": {"type": "user", "id": "1"}}}, "role/data/type"),
        ({"role": {"data": {"type": "role", "id": "1"}}}, "role/data/id"),
        ({"user": {"data": {"type": "user", "id": "6000000000000000"}}}, "user/data/id"),
        (
            {"role": {"data": None}, "user": {"data": None}},
            "user",
        ),
    ],
)
def test_whose_authority_must_be_clear(
    agency: Agency, relationships: dict[str, Any], at: str
) -> None:
    """A missing, mistyped, unknown or double lender of authority is 422 at its place (D4, K11)."""
    answer = agency.door(agency.caller(agency.ada))(
        "POST", "/cma/api_tokens", {"name": "x"}, type_="api_token", relationships=relationships
    )
    assert (answer.status_code, pointer(answer)) == (422, f"/data/relationships/{at}")


def test_pairs_over_http(agency: Agency) -> None:
    """An admin makes, lists, names and revokes pairs; the secret is shown once (A23)."""
    door = agency.door(agency.caller(agency.ada))
    role = {"role": {"data": {"type": "role", "id": str(agency.roles["reader"].id)}}}
    made = door("POST", "/cma/key_pairs", {"name": "ci"}, type_="key_pair", relationships=role)
    assert made.status_code == 201
    secret = made.json["data"]["attributes"]["token"]
    path = f"/cma/key_pairs/{made.json['data']['id']}"
    assert secret.startswith("cfk_")
    assert secret not in door("GET", path).text + door("GET", "/cma/key_pairs").text
    assert door("PATCH", path, {"name": "nightly"}, type_="key_pair").status_code == 200
    for more in ({"scopes": None}, {"enabled": False}):
        assert door("PATCH", path, more, type_="key_pair").status_code == 422
    assert door("DELETE", path).json["data"]["attributes"]["state"] == "revoked"
    assert door("PATCH", path, {"name": "again"}, type_="key_pair").status_code == 409
    wrong = door("POST", "/cma/key_pairs", {"name": "x"}, type_="api_token", relationships=role)
    assert (wrong.status_code, pointer(wrong)) == (422, "/data/type")
