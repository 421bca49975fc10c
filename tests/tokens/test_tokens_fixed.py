"""What no edit changes of a token, and what every edit may."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.access.surface import Surface
from counterfoil.secret import Kind, Secret
from support.tokens import READ, Agency, code

PATS = "/cma/personal_access_tokens"
API_TOKENS = "/cma/api_tokens"
LATER = "2099-01-01T00:00:00Z"

FIXED: list[tuple[dict[str, Any], str]] = [
    ({"token": "cfp_" + "a" * 49}, "INVALID_FIELD"),
    ({"secret": "a secret of one's own"}, "INVALID_FIELD"),
    ({"token_hint": "cfp_…aaaa"}, "INVALID_FIELD"),
    ({"digest": "00" * 32}, "INVALID_FIELD"),
    ({"owner": "usr_1000000000000000"}, "INVALID_FIELD"),
    ({"issuer": "usr_1000000000000000"}, "INVALID_FIELD"),
    ({"kind": "service"}, "INVALID_FIELD"),
    ({"state": "active"}, "INVALID_FIELD"),
    ({"created_at": LATER}, "INVALID_FIELD"),
    ({"expires_at": LATER}, "EXPIRATION_CANNOT_BE_EXTENDED"),
    ({"expires_at": None}, "EXPIRATION_CANNOT_BE_EXTENDED"),
]
"""What is asked for, and why it is refused."""


@pytest.mark.parametrize("kind", ["personal_access_token", "api_token"])
@pytest.mark.parametrize(("attributes", "why"), FIXED, ids=[next(iter(one)) for one, _ in FIXED])
def test_what_is_fixed(agency: Agency, kind: str, attributes: dict[str, Any], why: str) -> None:
    """No edit writes a secret, an owner, a maker or a later end; all else stays too (K7, Q5)."""
    if kind == "personal_access_token":
        asked = agency.ask(agency.ada)
        path, token, secret = PATS, asked.token.id, asked.secret
    else:
        made = agency.api_token()
        path, token, secret = API_TOKENS, made.token.id, made.secret
    with agency.office.database.reading() as tx:
        before = tx.exec_driver_sql("SELECT * FROM token_secret").all()
    kept = agency.counts()
    door = agency.door(agency.caller(agency.ada))
    seen = door("GET", f"{path}/{token}").json["data"]
    body = {"name": "renamed", **attributes}
    answer = door("PATCH", f"{path}/{token}", body, type_=kind)
    assert (answer.status_code, code(answer)) == (422, why)
    assert door("GET", f"{path}/{token}").json["data"] == seen
    with agency.office.database.reading() as tx:
        assert tx.exec_driver_sql("SELECT * FROM token_secret").all() == before
    assert agency.counts() == kept
    assert agency.hall.refusal(secret) == "allowed"


def test_who_lends_a_personal_token_its_authority(agency: Agency) -> None:
    """A personal token is its owner's: a body that names another owner is refused (K7, G1)."""
    made = agency.ask(agency.ada)
    other = {"owner": {"data": {"type": "user", "id": str(agency.dan)}}}
    door = agency.door(agency.caller(agency.ada))
    answer = door("PATCH", f"{PATS}/{made.token.id}", {"name": "mine"}, relationships=other)
    assert answer.status_code == 422
    token = agency.token(made.token.id)
    assert (token.owner, token.name) == (agency.ada, "laptop")


def test_what_may_be_edited(agency: Agency) -> None:
    """Name, description, scopes, roots, surfaces, an earlier end and the switch: one by one (K7).

    The secret stays through all of it, and is the only one.
    """
    made = agency.ask(agency.ada, scopes=READ)
    door = agency.door(agency.caller(agency.ada))
    for attributes in (
        {"name": "desk"},
        {"description": "under the window"},
        {"scopes": ["content:read", "content:write"]},
        {"scopes": None},
        {"roots": [str(agency.press)]},
        {"surfaces": ["delivery"]},
        {"expires_at": "2026-03-02T12:00:00Z"},
        {"enabled": False},
        {"enabled": True},
    ):
        answer = door("PATCH", f"{PATS}/{made.token.id}", attributes)
        assert answer.status_code == 200
        shown = answer.json["data"]["attributes"]
        assert {name: shown[name] for name in attributes} == attributes
        assert shown["token"] is None
    caller = agency.hall.verify(made.secret)
    assert (caller.token, caller.grant.surfaces) == (made.token.id, Surface.DELIVERY.bit)


def test_no_create_takes_a_secret(agency: Agency) -> None:
    """Whoever brings a secret along gets no token, and their secret opens nothing (Q5, S1)."""
    chosen = Secret.mint(Kind.PERSONAL, agency.office.entropy)
    before = agency.counts()
    door = agency.door(agency.caller(agency.ada))
    for path, kind in ((PATS, "personal_access_token"), (API_TOKENS, "api_token")):
        attributes = {"name": "mine", "scopes": ["content:read"], "token": chosen.reveal()}
        assert door("POST", path, attributes, type_=kind).status_code in {400, 422}
    assert agency.counts() == before
    assert agency.hall.refusal(chosen) == "INVALID_TOKEN"
