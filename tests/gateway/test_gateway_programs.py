"""What programs ask the gateway: what would become of requests, and why."""

from __future__ import annotations

import json

import pytest

from counterfoil.gateway.assertion import Signer
from counterfoil.gateway.books import Books
from counterfoil.gateway.doors import Gateway
from counterfoil.gateway.kept import Kept
from counterfoil.gateway.meters import Meters
from support.decisions import trail_in
from support.doorway import House
from support.gate import BEN, PUBLIC, mint
from support.shop import READ, SHELF, SHOP, holder


def test_decisions_are_told_by_the_hundred(house: House) -> None:
    """Programs ask what would become of requests, of an API or of content, each by itself."""
    token = holder(house.replica, READ, roots=(SHELF,))
    api = f"api_{SHOP}"
    docs = {"api": api, "path": "/docs"}
    asked = [
        {"token": token, "action": "GET", "resource": {"api": api, "path": "/items/17"}},
        {"token": token, "action": "GET", "resource": {"api": api, "path": "/items/18"}},
        {
            "token_id": f"tok_{10**15 + 101}",
            "action": "GET",
            "resource": {"api": api, "path": "/docs"},
        },
        {"token": mint(), "action": "GET", "resource": {"api": api, "path": "/items/17"}},
        {"token": token, "action": "content:read", "resource": {"node": f"nod_{PUBLIC}"}},
        {"token": token, "action": "GET", "resource": {"api": api}},
        {"token_id": "tok_1", "action": "GET", "resource": docs},
        {"action": "GET", "resource": {"api": api, "path": "/health"}},
    ]
    told = json.loads(house.ask("/authz/decision", "POST", json.dumps(asked).encode()).body)
    assert [one["reason"] for one in told] == [
        "ALLOWED",
        "OUTSIDE_ROOT_NODES",
        "ALLOWED",
        "INVALID_TOKEN",
        "INSUFFICIENT_SCOPE",
        "INVALID_FIELD",
        "INVALID_FIELD",
        "ALLOWED",
    ]
    assert told[0]["subject"] == f"usr_{BEN}"
    assert told[-1]["subject"] is None
    too_many = json.dumps(asked * 13).encode()
    for body in (too_many, b"", b"{", b'{"action": 1}', b"\xff", b"[" * 2000):
        assert house.ask("/authz/decision", "POST", body).status == "400 Bad Request"
    assert house.ask("/authz/decision", "POST", b"x" * 300_000).status == "413 Content Too Large"


def test_an_explanation_tells_each_check(house: House) -> None:
    """Who asks why is told every check up to the one that failed."""
    token = holder(house.replica, READ, roots=(SHELF,))
    asked = {
        "token": token,
        "action": "GET",
        "resource": {"api": f"api_{SHOP}", "path": "/items/18"},
    }
    told = json.loads(house.ask("/authz/explain", "POST", json.dumps(asked).encode()).body)
    assert [(one["rule"], one["ok"]) for one in told["checks"]] == [
        ("credential", True),
        ("route", True),
        ("OUTSIDE_ROOT_NODES", False),
    ]


@pytest.mark.parametrize(
    ("path", "known"),
    [
        ("/authz/decision", "POST"),
        ("/authz/explain", "POST"),
        ("/livez", "GET, HEAD"),
        ("/readyz", "GET, HEAD"),
        ("/metrics", "GET, HEAD"),
        ("/.well-known/jwks.json", "GET, HEAD"),
    ],
)
def test_a_method_that_a_door_does_not_know_is_named_so(
    house: House, path: str, known: str
) -> None:
    """It is 405 and says which there are (RFC 9110 §15.5.6), not that nothing is there."""
    counts, signer = Meters(house.home / "meters"), Signer(bytes(32), house.clock)
    books = Books(house.replica, house.clock, house.home / "follower.lock")
    house.gateway = Gateway(books, Kept(counts, trail_in(house.home)), lambda: "", signer=signer)
    for method in {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"} - {*known.split(", ")}:
        told = house.ask(path, method)
        assert (told.status, told.code) == ("405 Method Not Allowed", "METHOD_NOT_ALLOWED")
        assert told.headers["Allow"] == known
    for method in known.split(", "):
        told = house.ask(path, method, b"[]")
        assert not told.status.startswith("40")
        assert "Allow" not in told.headers
    counts.close()


@pytest.mark.parametrize("method", ["HEAD", "POST", "PURGE"])
def test_a_proxy_asks_by_any_method(house: House, method: str) -> None:
    """By what a proxy asks is the proxy's own matter: which request it is about stands beside."""
    token = holder(house.replica, READ)
    said = {"authorization": f"Bearer {token}", "x_original_method": "GET"}
    said |= {"x_original_uri": "/items/17"}
    assert house.ask(f"/authz/nginx/api_{SHOP}", method, **said).status == "200 OK"
    assert house.ask("/authz/other", method).status == "403 Forbidden"
    assert house.ask("/nowhere", method).status == "404 Not Found"
