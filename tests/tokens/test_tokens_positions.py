"""Where a change of tokens stands in the feed, and that it holds here: every write says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from falcon.testing import Result

from counterfoil.operation import OPERATIONS
from support.directory_doors import ROUTES
from support.doors import Probe
from support.tokens import READ, WRITE, Agency, Door

PERSONAL, API, PAIRS = "/cma/personal_access_tokens", "/cma/api_tokens", "/cma/key_pairs"


def admin(agency: Agency) -> Door:
    return agency.door(agency.caller(agency.ada))


def body(type_: str, relationships: Any = None, **attributes: Any) -> dict[str, Any]:
    data: dict[str, Any] = {"type": type_, "attributes": attributes}
    if relationships:
        data["relationships"] = relationships
    return {"data": data}


def lender(agency: Agency) -> dict[str, Any]:
    return {"role": {"data": {"type": "role", "id": str(agency.roles["reader"].id)}}}


MAKERS: dict[str, Callable[[Agency], tuple[str, dict[str, Any]]]] = {
    "personal": lambda _agency: (
        PERSONAL,
        body("personal_access_token", name="x", scopes=["content:read"]),
    ),
    "api": lambda agency: (API, body("api_token", lender(agency), name="x")),
    "pair": lambda agency: (PAIRS, body("key_pair", lender(agency), name="x")),
}


@pytest.mark.parametrize(
    ("what", "who"), [("personal", "ada"), ("personal", "dan"), ("api", "ada"), ("pair", "ada")]
)
def test_whatever_is_made_says_its_position(agency: Agency, what: str, who: str) -> None:
    """201 and 202 say the position of the write, with an Idempotency-Key and without (R1)."""
    door = agency.door(agency.caller(getattr(agency, who)))
    path, wanted = MAKERS[what](agency)
    for headers in ({}, {"Idempotency-Key": f"a-key-for-{what}-{who}"}):
        made = door.raw("POST", path, json.dumps(wanted), headers)
        assert made.status_code in {201, 202}, made.text
        assert made.headers["counterfoil-position"] == str(agency.head())


def test_a_successor_says_its_position(agency: Agency) -> None:
    """So does a successor (X19)."""
    old = agency.granted(agency.ada)
    made = admin(agency).raw("POST", f"{PERSONAL}/{old.token.id}/successor")
    assert (made.status_code, made.headers["counterfoil-position"]) == (201, str(agency.head()))


def holds_here(agency: Agency, done: Result) -> None:
    meta = {"effective": "host", "position": agency.head()}
    assert done.status_code == 200, done.text
    assert meta.items() <= done.json["meta"].items()
    assert done.headers["counterfoil-position"] == str(agency.head())


@pytest.mark.parametrize("change", [{"enabled": False}, {"scopes": ["content:read"]}])
def test_what_takes_power_away_says_that_it_holds(agency: Agency, change: dict[str, Any]) -> None:
    """Switched off or narrowed, a token's answer says that it holds, and where (R1, A24)."""
    mine = agency.granted(agency.ada, scopes=READ | WRITE).token
    ours = agency.api_token("editor", scopes=READ | WRITE).token
    door = admin(agency)
    for path, type_, token in (
        (PERSONAL, "personal_access_token", mine),
        (API, "api_token", ours),
    ):
        holds_here(agency, door("PATCH", f"{path}/{token.id}", change, type_=type_))


def test_a_policy_says_that_it_holds(agency: Agency) -> None:
    """A changed policy holds from its position on (K8)."""
    probe = Probe(agency.office, agency.caller(agency.ada), routes=ROUTES, operations=OPERATIONS)
    path = f"/cma/organizations/{agency.id}/token_policy"
    seen = probe("GET", path)
    assert "meta" not in seen.json
    wanted = body("token_policy", quota=1)
    done = probe("PATCH", path, wanted, {"if-match": seen.headers["etag"]})
    meta = {"effective": "host", "position": agency.head()}
    assert meta.items() <= done.json["meta"].items()
    assert done.headers["counterfoil-position"] == str(agency.head())
