"""What DatoCMS's own client plans for records, and what it finds of their past."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from vendors.dato import FLAGS, Dato, wish
from vendors.venue import Venue

ON, OFF, LATER = (f"2099-0{month}-01T00:00:00Z" for month in (1, 2, 3))


@pytest.fixture(scope="module", autouse=True)
def _preset(venue: Venue) -> None:
    venue.under("datocms")


@pytest.fixture
def record(venue: Venue, dato: Dato, manager: str) -> str:
    """The id of a new record."""
    article = venue.sample.told["datocms"]["item_type"]
    new = {"item_type": {"type": "item_type", "id": article}, "title": "First", "text": "x"}
    (made,) = dato(manager, ["items", "create", new])
    return str(made["value"]["id"])


def test_it_is_planned(dato: Dato, manager: str, record: str) -> None:
    """Each turn is planned and taken back by itself, and stands in the record's meta (D15)."""
    on, off, seen, listed, moved, back, left, gone, none = dato(
        manager,
        ["scheduledPublication", "create", record, {"publication_scheduled_at": ON}],
        ["scheduledUnpublishing", "create", record, {"unpublishing_scheduled_at": OFF}],
        ["items", "find", record],
        ["items", "list", {"filter": {"ids": record}}],
        ["scheduledUnpublishing", "create", record, {"unpublishing_scheduled_at": LATER}],
        ["scheduledPublication", "destroy", record],
        ["items", "find", record],
        ["scheduledUnpublishing", "destroy", record],
        ["scheduledUnpublishing", "destroy", record],
    )
    assert on["value"]["publication_scheduled_at"] == ON
    assert on["value"]["item"] == {"type": "item", "id": record}
    assert off["value"]["unpublishing_scheduled_at"] == OFF
    for one in (seen["value"], listed["value"][0]):
        assert _planned(one) == (ON, OFF)
    assert moved["value"]["unpublishing_scheduled_at"] == LATER
    assert _planned(back["value"]) == _planned(left["value"]) == (None, LATER)
    assert _planned(gone["value"]) == (None, None)
    assert (none["status"], none["error"]["code"]) == (404, "NOT_FOUND")


def _planned(record: dict[str, Any]) -> tuple[str | None, str | None]:
    meta = record["meta"]
    return meta["publication_scheduled_at"], meta["unpublishing_scheduled_at"]


def test_what_cannot_be_planned(dato: Dato, manager: str, record: str) -> None:
    """The past, an end before the beginning, and parts of a record are refused by name."""
    part = {"content_in_locales": ["en"], "non_localized_content": True}
    publication = partial(_wish, "scheduledPublication", record)
    unpublishing = partial(_wish, "scheduledUnpublishing", record)
    on, off = "publication_scheduled_at", "unpublishing_scheduled_at"
    past, part_on, _, early, part_off, seen = dato(
        manager,
        publication(**{on: "1999-01-01T00:00:00Z"}),
        publication(**{on: ON, "selective_publication": part}),
        publication(**{on: OFF}),
        unpublishing(**{off: ON}),
        unpublishing(**{off: LATER, "content_in_locales": ["en"]}),
        ["items", "find", record],
    )
    wrong = [(past, on), (part_on, "selective_publication"), (early, off)]
    for refused, name in [*wrong, (part_off, "content_in_locales")]:
        assert (refused["status"], refused["error"]["code"]) == (422, "INVALID_FIELD")
        assert refused["error"]["details"]["field"] == f"/data/attributes/{name}"
    assert _planned(seen["value"]) == (OFF, None)


def _wish(resource: str, record: str, **attributes: Any) -> list[Any]:
    return [resource, "create", record, attributes]


def test_who_may_not_publish_plans_nothing(
    venue: Venue, dato: Dato, manager: str, record: str
) -> None:
    """A reader's token, and one of another root, plan nothing; a published read tells no plan."""
    (reader,) = dato(
        manager, ["accessTokens", "create", wish(venue, "reads", *FLAGS, role="reader")]
    )
    bounded = venue.api_token("editor", roots=[venue.node("/site/public")])[1]
    plan = _wish("scheduledPublication", record, publication_scheduled_at=ON)
    for secret in (reader["value"]["token"], bounded):
        (refused,) = dato(secret, plan)
        assert (refused["status"], refused["error"]["code"]) == (403, "INSUFFICIENT_PERMISSIONS")
    published, planned = ["items", "publish", record], ["items", "find", record]
    *_, seen = dato(manager, published, plan, [*planned, {"version": "published"}])
    assert _planned(seen["value"]) == (None, None)


def test_versions(dato: Dato, manager: str, record: str) -> None:
    """The client lists, finds and restores versions; a record names its newest one (D15)."""
    changes = [["items", "update", record, {"title": title}] for title in ("Second", "Third")]
    *_, third, published, listed, page, paged = dato(
        manager,
        *changes,
        ["items", "publish", record],
        ["itemVersions", "list", record],
        ["itemVersions", "list", record, {"page": {"limit": 1, "offset": 1}}],
        ["itemVersions", "listPagedIterator", record, {}, {"perPage": 2}],
    )
    assert third["value"]["meta"]["current_version"] == listed["value"][0]["id"]
    assert [one["title"] for one in listed["value"]] == ["Third", "Second", "First"]
    assert [one["title"] for one in page["value"]] == ["Second"]
    assert paged["value"] == listed["value"]
    states = [(one["meta"]["is_current"], one["meta"]["is_published"]) for one in listed["value"]]
    assert states == [(True, True), (False, False), (False, False)]
    first = listed["value"][-1]
    assert (first["item"]["id"], first["meta"]["is_valid"]) == (record, True)
    found, restored, again, stale = dato(
        manager,
        ["itemVersions", "find", first["id"]],
        ["itemVersions", "restore", first["id"]],
        ["items", "find", record],
        ["items", "update", record, {"title": "Late", "meta": {
            "current_version": published["value"]["meta"]["current_version"]}}],
    )  # fmt: skip
    assert found["value"] == first
    back, version = restored["value"]
    assert (back["title"], back["meta"]["status"]) == ("First", "updated")
    assert (version["title"], version["id"]) == ("First", again["value"]["meta"]["current_version"])
    assert version["meta"]["is_current"]
    assert (stale["status"], stale["error"]["code"]) == (412, "STALE_ITEM_VERSION")


def test_a_version_is_as_hidden_as_its_record(
    venue: Venue, dato: Dato, manager: str, record: str
) -> None:
    """Outside the root a version is refused as one that never was, read or restored (S31)."""
    bounded = venue.api_token("editor", roots=[venue.node("/site/public")])[1]
    seen = dato(
        bounded,
        *(
            ["itemVersions", what, id_]
            for what in ("find", "restore")
            for id_ in (f"{record}-1", "1000000000000007-1")
        ),
    )
    assert {one["status"] for one in seen} == {403}
    assert seen[0]["error"]["details"] == seen[1]["error"]["details"]
    assert seen[2]["error"]["details"] == seen[3]["error"]["details"]
    unknown = dato(manager, *(["itemVersions", "find", id_] for id_ in (f"{record}-9", "7", "x-y")))
    assert {one["status"] for one in unknown} == {404}


def test_a_role_is_duplicated(venue: Venue, dato: Dato, manager: str) -> None:
    """A copy of a role may what the role may, and nobody copies more than they may (D11)."""
    editor, admin = venue.role("editor"), venue.role("admin")
    first, second, whole = dato(
        manager, *(["roles", "duplicate", one] for one in (editor, editor, admin))
    )
    like = venue.ann("GET", f"/cma/roles/{editor}").body["data"]["attributes"]
    assert first["value"]["name"] == "editor (copy)"
    assert second["value"]["name"] == "editor (copy 2)"
    for one in (first, second):
        assert one["value"]["scopes"] == like["scopes"]
        assert not one["value"]["built_in"]
    assert whole["value"]["can_manage_access_tokens"]
    weak = venue.ann("POST", "/cma/roles", {"data": {"type": "role", "attributes": {
        "name": "role keeper", "scopes": ["roles:manage", "roles:read"]}}})  # fmt: skip
    lender = {"role": {"data": {"type": "role", "id": weak.body["data"]["id"]}}}
    said = {"name": "keeper", "surfaces": ["management"], "enabled": True}
    made = venue.ann("POST", "/cma/api_tokens", {
        "data": {"type": "api_token", "attributes": said, "relationships": lender}})  # fmt: skip
    refused, unknown = dato(
        made.body["data"]["attributes"]["token"],
        ["roles", "duplicate", editor],
        ["roles", "duplicate", "1000000000000007"],
    )
    assert (refused["status"], refused["error"]["details"]["code"]) == (403, "INSUFFICIENT_ROLE")
    assert unknown["status"] == 404
