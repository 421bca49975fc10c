"""Schedules over HTTP: what may be said, who may say it, and what is shown."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface, surfaces
from support.content import EDIT, GARDENER, READS, Garden, token

UNKNOWN = 1_000_000_000_000_999


def times(**at: Any) -> dict[str, Any]:
    return {"data": {"type": "schedule", "attributes": at}}


def test_a_schedule_is_set_shown_changed_and_dropped(any_garden: Garden) -> None:
    """A schedule is one resource of its entry, with a version, its author, and both its times."""
    garden = any_garden
    post = garden.entry(garden.root, "post")
    knock, here = garden.knock(), f"/cma/items/{post}/schedule"
    assert knock("GET", here).status == 404
    assert (
        knock("PUT", here, times(publish_at="2099-01-01T00:00:00Z"), {"if-match": '"1"'}).status
        == 412
    )
    first = knock("PUT", here, times(publish_at="2099-01-01T00:00:00+02:00"))
    assert (first.status, first.headers["etag"]) == (200, '"1"')
    data = first.json["data"]
    assert data["attributes"] == {"publish_at": "2098-12-31T22:00:00Z", "unpublish_at": None}
    assert data["relationships"]["item"]["data"]["id"] == data["id"] == str(post)
    assert (data["meta"]["scheduled_by"], data["meta"]["missed"]) == (str(GARDENER), None)
    assert knock("GET", here).json == first.json
    both = times(publish_at="2099-01-01T00:00:00Z", unpublish_at="2099-02-01T00:00:00Z")
    assert knock("PUT", here, both, {"if-match": '"7"'}).code == "STALE_VERSION"
    assert knock("PUT", here, both, {"if-match": '"1"'}).headers["etag"] == '"2"'
    off = knock("PUT", here, times(unpublish_at="2099-02-01T00:00:00Z")).json["data"]["attributes"]
    assert off == {"publish_at": None, "unpublish_at": "2099-02-01T00:00:00Z"}
    assert knock("DELETE", here, headers={"if-match": '"1"'}).code == "STALE_VERSION"
    assert knock("DELETE", here).json["data"]["attributes"] == off
    assert {knock(method, here).status for method in ("GET", "DELETE")} == {404}


@pytest.mark.parametrize(
    ("attributes", "field"),
    [
        ({}, ""),
        ({"publish_at": None, "unpublish_at": None}, ""),
        ({"publish_at": "2026-03-01T12:00:00Z"}, "/publish_at"),
        ({"publish_at": "2026-03-01T11:59:59Z"}, "/publish_at"),
        ({"unpublish_at": "1999-01-01T00:00:00Z"}, "/unpublish_at"),
        ({"publish_at": "2099-01-01"}, "/publish_at"),
        ({"publish_at": "2099-01-01T00:00:00"}, "/publish_at"),
        ({"publish_at": "tomorrow"}, "/publish_at"),
        ({"publish_at": ""}, "/publish_at"),
        ({"publish_at": 4_070_908_800}, "/publish_at"),
        ({"publish_at": "9999-12-31T23:59:59-12:00"}, "/publish_at"),
        ({"publish_at": "2099-13-01T00:00:00Z"}, "/publish_at"),
        (
            {"publish_at": "2099-01-02T00:00:00Z", "unpublish_at": "2099-01-02T01:00:00+01:00"},
            "/unpublish_at",
        ),
        ({"publish_at": "2099-01-01T00:00:00Z", "at": 1}, ""),
    ],
)
def test_times_lie_ahead_and_in_order(garden: Garden, attributes: Any, field: str) -> None:
    """Times that are past, loose, in the wrong order or missing are 422 and schedule nothing."""
    post = garden.entry(garden.root, "post")
    knock, here = garden.knock(), f"/cma/items/{post}/schedule"
    refused = knock("PUT", here, times(**attributes))
    assert (refused.status, refused.code) == (422, "INVALID_FIELD")
    pointer = refused.json["errors"][0]["source"]["pointer"]
    assert pointer.startswith(f"/data/attributes{field}")
    assert knock("GET", here).status == 404


def test_scheduling_takes_the_right_to_publish(garden: Garden) -> None:
    """Who may not publish now schedules nothing; who reads sees it, on this surface alone (D10)."""
    post = garden.entry(garden.root, "post")
    here, soon = f"/cma/items/{post}/schedule", times(publish_at="2099-01-01T00:00:00Z")
    editor = garden.knock(token(may=EDIT))
    for method, body in (("PUT", soon), ("DELETE", None)):
        refused = editor(method, here, body)
        assert (refused.status, refused.code) == (403, "INSUFFICIENT_SCOPE")
        assert refused.json["errors"][0]["meta"]["scope"] == "content:publish"
    publisher = garden.knock(token(may=READS | Scope.CONTENT_PUBLISH.bit))
    assert publisher("PUT", here, soon).status == 200
    assert garden.knock(token(may=READS))("GET", here).status == 200
    elsewhere = garden.knock(token(surfaces=surfaces(Surface.DELIVERY, Surface.PREVIEW)))
    assert elsewhere("GET", here).code == "API_NOT_ENABLED_FOR_TOKEN"
    logo = garden.asset(garden.root, "logo.png")
    assert garden.knock()("PUT", f"/cma/items/{logo}/schedule", soon).status == 409


def test_schedules_stay_inside_the_roots(garden: Garden) -> None:
    """Outside and unknown are one refusal, whether something is scheduled there or not (S31)."""
    inside, aside = garden.folder(garden.root, "in"), garden.folder(garden.root, "out")
    post = garden.entry(aside, "post")
    soon = times(publish_at="2099-01-01T00:00:00Z")
    assert garden.knock()("PUT", f"/cma/items/{post}/schedule", soon).status == 200
    knock = garden.knock(token(inside))
    for method, body in (("GET", None), ("PUT", soon), ("DELETE", None)):
        answers = [
            knock(method, f"/cma/items/{id_}/schedule", body) for id_ in (post, UNKNOWN, aside)
        ]
        assert {(one.status, one.code) for one in answers} == {(403, "OUTSIDE_ROOT_NODES")}
        assert len({str(one.json["errors"][0]["meta"]) for one in answers}) == 1
