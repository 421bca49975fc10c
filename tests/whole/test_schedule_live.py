"""What time does by itself: on the real server, in its own threads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from infra.server import serving
from infra.wait import wait_until
from support.sample import Sample, Talker


def draft(talk: Talker, sample: Sample) -> str:
    """Make an entry that is not on delivery; return its id."""
    told = sample.told
    data = {
        "type": "item",
        "attributes": {"title": "Later", "text": "x"},
        "relationships": {
            "parent": {"data": {"type": "node", "id": str(told["nodes"]["/site/public"])}},
            "item_type": {"data": {"type": "item_type", "id": told["content_types"]["article"]}},
        },
    }
    made = talk("POST", "/cma/items", {"data": data})
    assert made.status == 201, made.body
    return str(made.body["data"]["id"])


def at(**from_now: float) -> dict[str, Any]:
    time = (datetime.now(UTC) + timedelta(**from_now)).isoformat().replace("+00:00", "Z")
    return {"data": {"type": "schedule", "attributes": {"publish_at": time}}}


def test_an_entry_appears_at_its_time(sample: Sample) -> None:
    """Two workers serve, and the entry goes on delivery once, under the token's name (R8, X2)."""
    with serving(sample.directory, "--workers", "2") as server:
        talk = Talker(server.port).bearing(sample.token("manager"))
        id_ = draft(talk, sample)
        assert talk("PUT", f"/cma/items/{id_}/schedule", at(seconds=1)).status == 200
        assert talk("GET", f"/cda/items/{id_}").status == 404
        wait_until(lambda: talk("GET", f"/cda/items/{id_}").status == 200, "its time")
        assert talk("GET", f"/cma/items/{id_}/schedule").status == 404
        found = talk("GET", "/cma/audit_events?filter[operation]=entry.publish").body["data"]
        (entry,) = (one for one in found if one["attributes"]["target"] == f"nod_{id_}")
        assert entry["attributes"]["outcome"] == "allowed"


def test_a_server_that_was_down_does_what_is_due(sample: Sample) -> None:
    """A time that passes while no server runs is done when one starts again."""
    with serving(sample.directory) as server:
        talk = Talker(server.port).bearing(sample.token("manager"))
        id_ = draft(talk, sample)
        assert talk("PUT", f"/cma/items/{id_}/schedule", at(seconds=1.5)).status == 200
    with serving(sample.directory) as server:
        talk = Talker(server.port).bearing(sample.token("manager"))
        wait_until(lambda: talk("GET", f"/cda/items/{id_}").status == 200, "what was due")
