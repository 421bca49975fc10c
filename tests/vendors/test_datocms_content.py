"""Records and uploads by DatoCMS's own client, under its preset."""

from __future__ import annotations

from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from vendors.dato import FLAGS, Dato, wish
from vendors.venue import Venue


@pytest.fixture(scope="module", autouse=True)
def _preset(venue: Venue) -> None:
    venue.under("datocms")


def test_records(dato: Dato, manager: str) -> None:
    """The client makes, changes, publishes, lists, takes back and destroys records."""
    models, environments = dato(manager, ["itemTypes", "list"], ["environments", "list"])
    article = next(one for one in models["value"] if one["api_key"] == "article")
    assert environments["value"][0]["meta"]["primary"] is True
    new = {"item_type": {"type": "item_type", "id": article["id"]}, "title": "Hello", "text": "W"}
    (made,) = dato(manager, ["items", "create", new])
    id_, version = made["value"]["id"], made["value"]["meta"]["current_version"]
    assert made["value"]["meta"]["status"] == "draft"
    changed, stale, published, listed, paged = dato(
        manager,
        ["items", "update", id_, {"title": "Hello you", "meta": {"current_version": version}}],
        ["items", "update", id_, {"title": "Late", "meta": {"current_version": version}}],
        ["items", "publish", id_],
        ["items", "list", {"filter": {"type": "article"}, "version": "published",
                           "order_by": "_updated_at_DESC", "page": {"limit": 1}}],
        ["items", "listPagedIterator", {"filter": {"type": "author"}}, {"perPage": 3}],
    )  # fmt: skip
    assert (changed["value"]["title"], changed["value"]["text"]) == ("Hello you", "W")
    assert stale["error"]["code"] == "STALE_ITEM_VERSION"
    assert published["value"]["meta"]["status"] == "published"
    assert [one["id"] for one in listed["value"]] == [id_]
    assert len({one["id"] for one in paged["value"]}) == len(paged["value"]) == 8
    withdrawn, gone, missing = dato(
        manager,
        ["items", "unpublish", id_],
        ["items", "destroy", id_],
        ["items", "find", id_],
    )
    assert withdrawn["value"]["meta"]["status"] == "draft"
    assert gone["value"]["id"] == id_
    assert (missing["status"], missing["error"]["code"]) == (404, "NOT_FOUND")


def test_what_is_published_without_delivery(venue: Venue, dato: Dato, manager: str) -> None:
    """Who manages records reads of them what is published, also without the delivery surface."""
    article = {"type": "item_type", "id": venue.sample.told["datocms"]["item_type"]}
    made, hidden = dato(
        manager,
        *(["items", "create", {"item_type": article, "title": one, "text": "x"}] for one in "ab"),
    )
    id_, draft = made["value"]["id"], hidden["value"]["id"]
    dato(manager, ["items", "publish", id_], ["items", "update", id_, {"title": "later"}])
    alone = venue.api_token("editor", surfaces=["management"])[1]
    query = {"filter": {"ids": f"{id_},{draft}"}, "version": "published"}
    listed, shown, now, none = dato(
        alone,
        ["items", "list", query],
        ["items", "find", id_, {"version": "published"}],
        ["items", "find", id_],
        ["items", "find", draft, {"version": "published"}],
    )
    assert [one["title"] for one in listed["value"]] == ["a"]
    assert (shown["value"]["title"], now["value"]["title"]) == ("a", "later")
    assert none["status"] == 404
    delivery = venue.api_token("editor", surfaces=["delivery"])[1]
    (refused,) = dato(delivery, ["items", "list", query])
    assert (refused["status"], refused["error"]["code"]) == (403, "INSUFFICIENT_PERMISSIONS")


def test_many_records(venue: Venue, dato: Dato, manager: str) -> None:
    """The client publishes, lists by id, withdraws and destroys many, waiting for each job."""
    article = {"type": "item_type", "id": venue.sample.told["datocms"]["item_type"]}
    new = {"item_type": article, "title": "one of many", "text": "x"}
    ids = [made["value"]["id"] for made in dato(manager, *[["items", "create", new]] * 2)]
    items = {"items": [{"type": "item", "id": id_} for id_ in ids]}
    both = ["items", "list", {"filter": {"ids": ",".join(ids)}}]
    published, seen, live, withdrawn, back, gone, left = dato(
        manager,
        ["items", "bulkPublish", items],
        both,
        ["items", "list", {"filter": {"ids": ids[0]}, "version": "published"}],
        ["items", "bulkUnpublish", items],
        both,
        ["items", "bulkDestroy", items],
        both,
    )
    assert published["value"] == withdrawn["value"] == gone["value"] == []
    assert sorted(one["id"] for one in seen["value"]) == sorted(ids)
    assert {one["meta"]["status"] for one in seen["value"]} == {"published"}
    assert [one["id"] for one in live["value"]] == ids[:1]
    assert {one["meta"]["status"] for one in back["value"]} == {"draft"}
    assert left["value"] == []


def test_one_record_stops_the_others(venue: Venue, dato: Dato) -> None:
    """If one of many cannot be published none is, and the error names that one alone (S36)."""
    public, article = venue.node("/site/public"), venue.sample.told["datocms"]["item_type"]
    secret = venue.api_token("editor", roots=[public])[1]
    new = {"item_type": {"type": "item_type", "id": article}, "title": "Inside", "text": "x"}
    (made,) = dato(secret, ["items", "create", new])
    inside = {"type": "item", "id": made["value"]["id"]}
    press = venue.ann("GET", f"/cma/items?filter[under]={venue.node('/site/press')}&page[size]=1")
    details = []
    for id_ in (press.body["data"][0]["id"], "1000000000000007"):
        pair = {"items": [inside, {"type": "item", "id": id_}]}
        (refused,) = dato(secret, ["items", "bulkPublish", pair])
        assert (refused["status"], refused["error"]["code"]) == (403, "INSUFFICIENT_PERMISSIONS")
        assert refused["error"]["details"].pop("id") == id_
        details.append(refused["error"]["details"])
        (outside,) = dato(secret, ["items", "list", {"filter": {"ids": f"{inside['id']},{id_}"}}])
        assert outside["status"] == 403
    assert details[0] == details[1]
    assert details[0]["field"] == "/data/relationships/items/data/1"
    (found,) = dato(secret, ["items", "find", inside["id"]])
    assert found["value"]["meta"]["status"] == "draft"


def test_a_job_is_its_beginners(venue: Venue) -> None:
    """How a job ended is told to who began it, and to nobody else (S25)."""
    mine, other = (venue.bearing(venue.api_token("editor")[1]) for _ in range(2))
    article = venue.ann("GET", "/cma/items?filter[type]=article&page[size]=1").body["data"][0]["id"]
    relationships = {"items": {"data": [{"type": "item", "id": article}]}}
    body = {"data": {"type": "item_bulk_publish_operation", "relationships": relationships}}
    begun = mine("POST", "/datocms/items/bulk/publish", body)
    assert (begun.status, begun.body["data"]["type"]) == (202, "job")
    path = f"/datocms/job-results/{begun.body['data']['id']}"
    ended = mine("GET", path)
    assert ended.body["data"]["attributes"]["payload"]["meta"] == {"successful": 1, "failed": 0}
    assert other("GET", path).status == mine("GET", f"{path}x").status == 404
    assert mine("GET", "/datocms/job-results/1").status == 404
    wrong = {"data": {**body["data"], "type": "item_bulk_destroy_operation"}}
    assert mine("POST", "/datocms/items/bulk/publish", wrong).status == 422


def test_under_a_root(venue: Venue, dato: Dato) -> None:
    """A restricted token makes records under its root, reads them, and nothing else (Q10, Q12)."""
    public = venue.node("/site/public")
    secret = venue.api_token("editor", roots=[public])[1]
    article = venue.sample.told["datocms"]["item_type"]
    new = {"item_type": {"type": "item_type", "id": article}, "title": "Inside", "text": "x"}
    (made,) = dato(secret, ["items", "create", new])
    place = venue.ann("GET", f"/cma/items/{made['value']['id']}").body["data"]["relationships"]
    assert place["parent"]["data"]["id"] == public
    press = venue.ann("GET", f"/cma/items?filter[under]={venue.node('/site/press')}&page[size]=1")
    outside, unknown = dato(
        secret,
        ["items", "find", press.body["data"][0]["id"]],
        ["items", "find", "1000000000000007"],
    )
    assert outside["status"] == unknown["status"] == 403
    assert outside["error"]["details"] == unknown["error"]["details"]


def test_a_file_is_uploaded(dato: Dato, venue: Venue, manager: str, tmp_path: Path) -> None:
    """The client sends a local file, gets an upload with the file's facts, and finds it (D15)."""
    local = tmp_path / "logo.gif"
    picture = b"GIF89a" + (640).to_bytes(2, "little") + (480).to_bytes(2, "little") + b"\0\0\0;"
    local.write_bytes(picture)
    (made,) = dato(manager, ["uploads", "createFromLocalFile", {"localPath": str(local)}])
    upload = made["value"]
    assert (upload["filename"], upload["mime_type"]) == ("logo.gif", "image/gif")
    assert (upload["width"], upload["height"], upload["size"]) == (640, 480, len(picture))
    found, listed = dato(manager, ["uploads", "find", upload["id"]], ["uploads", "list"])
    assert found["value"] == upload
    assert upload["id"] in [one["id"] for one in listed["value"]]
    with closing(HTTPConnection("127.0.0.1", venue.server.port, timeout=30)) as connection:
        bearing = {"Authorization": f"Bearer {manager}"}
        connection.request("GET", urlsplit(upload["url"]).path, headers=bearing)
        assert connection.getresponse().read() == picture
    other = tmp_path / "other.png"
    other.write_bytes(b"GIF89a" + bytes(20))
    renamed, swapped = dato(
        manager,
        ["uploads", "update", upload["id"], {"basename": "emblem"}],
        ["uploads", "updateFromLocalFile", upload["id"], {"localPath": str(other)}],
    )
    assert (renamed["value"]["filename"], renamed["value"]["size"]) == ("emblem.gif", len(picture))
    assert (swapped["value"]["id"], swapped["value"]["size"]) == (upload["id"], 26)
    assert swapped["value"]["filename"] == "other.png"
    old = venue.ann("GET", f"/cma/assets/{upload['id']}/versions/1").body["data"]["attributes"]
    assert (old["filename"], old["size"]) == ("logo.gif", len(picture))
    reading = wish(venue, "looks at uploads", *FLAGS, role="reader")
    (reader,) = dato(manager, ["accessTokens", "create", reading])
    again = ["uploads", "createFromLocalFile", {"localPath": str(local)}]
    (denied,) = dato(reader["value"]["token"], again)
    assert (denied["status"], denied["error"]["code"]) == (403, "INSUFFICIENT_PERMISSIONS")


def test_what_is_said_of_a_file(venue: Venue, dato: Dato, manager: str, tmp_path: Path) -> None:
    """What the client says of an upload is kept, also over another file; the rest is refused."""
    local = tmp_path / "plan.txt"
    local.write_text("a plan")
    said = {"author": "Ann", "copyright": "ours", "notes": "old", "tags": ["plan", "house"]}
    texts = {"alt": {"en": "A plan"}, "title": {"en": "Plan"}}
    (made,) = dato(manager, ["uploads", "createFromLocalFile", {
        "localPath": str(local), **said, "default_field_metadata": texts}])  # fmt: skip
    id_ = made["value"]["id"]
    assert _words(made["value"]) == {**said, **texts}
    patch: dict[str, Any] = {
        "default_field_metadata": {"title": {"en": None}},
        "notes": None,
        "tags": [],
    }
    swapped, changed, found = dato(
        manager,
        ["uploads", "updateFromLocalFile", id_, {"localPath": str(local)}],
        ["uploads", "update", id_, {"basename": "house", **patch}],
        ["uploads", "find", id_],
    )
    assert _words(swapped["value"]) == {**said, **texts}
    left = {**said, "notes": None, "tags": [], "alt": {"en": "A plan"}, "title": {}}
    assert _words(changed["value"]) == _words(found["value"]) == left
    assert changed["value"]["filename"] == "house.txt"
    ours = venue.ann("GET", f"/cma/nodes/{id_}").body["data"]["attributes"]
    assert (ours["alt"], ours["author"]) == ({"en": "A plan"}, "Ann")
    metadata, long = "default_field_metadata", "x" * 2_001
    wrong = {
        f"{metadata}/alt/xx": {metadata: {"alt": {"xx": "?"}}},
        f"{metadata}/title/en": {metadata: {"title": {"en": long}}},
        f"{metadata}/focal_point": {metadata: {"focal_point": {"x": 0.5, "y": 0.5}}},
        f"{metadata}/custom_data": {metadata: {"custom_data": {"en": {"a": 1}}}},
        "tags": {"tags": ["twice", "twice"]},
        "author": {"author": long},
        "basename": {"basename": "a/b"},
    }
    *refused, after = dato(
        manager, *(["uploads", "update", id_, one] for one in wrong.values()),
        ["uploads", "find", id_],
    )  # fmt: skip
    for field, one in zip(wrong, refused, strict=True):
        assert (one["status"], one["error"]["code"]) == (422, "INVALID_FIELD")
        assert one["error"]["details"]["field"] == f"/data/attributes/{field}"
    assert after["value"] == found["value"]
    gone, missing = dato(manager, ["uploads", "destroy", id_], ["uploads", "find", id_])
    assert (gone["value"]["id"], missing["status"]) == (id_, 404)


def _words(upload: dict[str, Any]) -> dict[str, Any]:
    words = {name: upload[name] for name in ("author", "copyright", "notes", "tags")}
    metadata = upload["default_field_metadata"]
    return {**words, "alt": metadata["alt"], "title": metadata["title"]}
