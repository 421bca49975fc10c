"""What programs ask the gateway: what would become of requests, and why."""

from __future__ import annotations

import json

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
    assert house.ask("/authz/decision").status[0] == "4"


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
