"""API tokens, pairs and the token itself over HTTP."""

from __future__ import annotations

from typing import Any, cast

import pytest

from counterfoil.access.caller import Caller
from counterfoil.secret import Secret
from support.tokens import Agency, code, pointer

PATH = "/cma/personal_access_tokens"


def test_a_token_asks_who_it_is(agency: Agency) -> None:
    """GET /cma/token says who asks and what they may do; DELETE ends the token (S17)."""
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
    meta = {"effective": "host", "position": agency.head()}
    assert meta.items() <= gone.json["meta"].items()
    refused = door("GET", "/cma/token")
    assert refused.status_code == 401
    session = agency.door(agency.caller(agency.dan))("GET", "/cma/token").json["data"]
    assert session["attributes"]["method"] == "session"


def test_each_reads_the_role_behind_it(agency: Agency) -> None:
    """A person, a token of theirs, and one with a role's authority read which roles these are."""

    def roles(who: Caller | Secret) -> list[str]:
        shown = agency.door(who)("GET", "/cma/token").json["data"]["attributes"]
        return cast("list[str]", shown["role_names"])

    both = agency.hire("Bob", "reader", "developer")
    assert set(roles(agency.caller(both))) == {"reader", "developer"}
    assert roles(agency.granted(agency.dan).secret) == ["developer"]
    assert roles(agency.api_token("reader").secret) == ["reader"]
    assert roles(agency.api_token(authority="user", subject=agency.dan).secret) == ["developer"]


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


def test_api_tokens_in_our_own_words(agency: Agency) -> None:
    """Authority, scopes, roots, end and `enabled` are set, edited and shown (K5, Q6, Q10)."""
    door = agency.door(agency.caller(agency.ada))
    made = door(
        "POST",
        "/cma/api_tokens",
        {
            "name": "site",
            "scopes": ["content:read"],
            "roots": [f"nod_{agency.press}"],
            "enabled": False,
        },
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
    none = door("PATCH", path, {}, type_="api_token", relationships={"user": {"data": None}})
    assert none.status_code == 200
    assert agency.hall.refusal(secret) == "TOKEN_HAS_NO_USER"
    again = door.raw("POST", f"{path}/regenerate", query="grace=60")
    assert again.json["data"]["attributes"]["token"] != secret
    assert door.raw("POST", f"{path}/regenerate", query="grace=99999999").status_code == 400
    assert len(door("GET", "/cma/api_tokens").json["data"]) == 1
    assert door("DELETE", path, query="descendants=maybe").status_code == 400
    gone = door("DELETE", path)
    assert gone.json["meta"]["position"] == agency.head()
    assert door("DELETE", path).json["data"] == gone.json["data"]
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
    for wrong in ({"scopes": None}, {}):
        assert door("PATCH", path, wrong, type_="key_pair").status_code == 422
    for on in (False, True):
        switched = door("PATCH", path, {"enabled": on}, type_="key_pair")
        assert switched.json["data"]["attributes"]["enabled"] is on
    assert door("DELETE", path).json["data"]["attributes"]["state"] == "revoked"
    assert door("PATCH", path, {"name": "again"}, type_="key_pair").status_code == 409
    other = door("POST", "/cma/key_pairs", {"name": "x"}, type_="api_token", relationships=role)
    assert (other.status_code, pointer(other)) == (422, "/data/type")
