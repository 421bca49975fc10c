"""What a preview says of the nodes and types that a token would reach, and of its reminders."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from counterfoil.access.scope import Scope
from support.office import START
from support.tokens import Agency, Door, pointer

PATH = "/cma/personal_access_tokens"
pytestmark = pytest.mark.each_engine


def reach(door: Door, **wish: Any) -> dict[str, Any]:
    """Return how far a token would reach that reads content."""
    asked = {"name": "ci", "scopes": ["content:read"], **wish}
    answer = door("POST", f"{PATH}/preview", asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json["data"]["attributes"]["reach"]
    return found


def test_a_preview_counts_below_its_roots(agency: Agency) -> None:
    """A token reaches what stands in and under its roots, and everything without them (S30)."""
    door = agency.door(agency.caller(agency.ada))
    everything = {"content_types": 0, "nodes": 4, "complete": True}  # the tree's root and 3 folders
    assert reach(door) == everything
    assert reach(door, roots=[str(agency.public)])["nodes"] == 2
    assert reach(door, roots=[])["nodes"] == 0
    assert reach(door, surfaces=[])["nodes"] == 0


def test_nobody_counts_what_they_do_not_see(agency: Agency) -> None:
    """To whom a role shows one folder, a preview tells of no node outside it (S31, X10)."""
    agency.role("presser", Scope.CONTENT_READ, roots=frozenset({agency.press}))
    door = agency.door(agency.caller(agency.hire("Pia", "presser")))
    assert reach(door)["nodes"] == 1
    before = reach(door, roots=[str(agency.press)])
    agency.folder("late", agency.internal)
    assert reach(door)["nodes"] == before["nodes"] == 1
    refused = door(
        "POST",
        f"{PATH}/preview",
        {"name": "ci", "scopes": ["content:read"], "roots": [str(agency.internal)]},
    )
    assert "reach" not in refused.text
    assert refused.status_code == 422


def test_reminders_over_http(agency: Agency) -> None:
    """All three are the usual; some or none are chosen, shown, changed, and no others taken."""
    door = agency.door(agency.caller(agency.ada))
    ends = (START + timedelta(days=60)).isoformat().replace("+00:00", "Z")
    asked = {"name": "ci", "scopes": ["content:read"], "expires_at": ends}
    usual = door("POST", PATH, asked).json["data"]["attributes"]
    assert usual["reminders"] == [30, 7, 1]
    made = door("POST", PATH, {**asked, "reminders": [7]}).json["data"]
    assert made["attributes"]["reminders"] == [7]
    one = f"{PATH}/{made['id']}"
    changed = door("PATCH", one, {"reminders": []})
    assert changed.json["data"]["attributes"]["reminders"] == []
    assert door("GET", one).json["data"]["attributes"]["reminders"] == []
    for wrong in ([14], ["7"], 7, [1, 7, 30, 1]):
        refused = door("PATCH", one, {"reminders": wrong})
        assert refused.status_code == 422
        assert (pointer(refused) or "").startswith("/data/attributes/reminders")
    assert door("GET", one).json["data"]["attributes"]["reminders"] == []
