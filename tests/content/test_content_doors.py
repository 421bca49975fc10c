"""Content over HTTP: the resources, verbs and statuses of its doors, through the whole stack."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from counterfoil.access.scope import Scope, scopes
from counterfoil.access.surface import Surface, surfaces
from counterfoil.kernel.ids import NodeId
from garden import ARTICLE, GARDENER, READS, ROUTES, Garden, token
from probe import Seen


def item(garden: Garden, parent: NodeId, **attributes: Any) -> dict[str, Any]:
    return {
        "data": {
            "type": "item",
            "attributes": attributes,
            "relationships": {
                "parent": {"data": {"type": "node", "id": str(parent)}},
                "item_type": {"data": {"type": "item_type", "id": str(garden.article)}},
            },
        }
    }


def node(parent: NodeId, slug: str, **more: Any) -> dict[str, Any]:
    relationships: dict[str, Any] = {"parent": {"data": {"type": "node", "id": str(parent)}}}
    if "target" in more:
        relationships["target"] = {"data": {"type": "node", "id": str(more.pop("target"))}}
    return {
        "data": {
            "type": "node",
            "attributes": {"slug": slug, **more},
            "relationships": relationships,
        }
    }


def id_of(answer: Seen) -> NodeId:
    return NodeId(int(answer.json["data"]["id"]))


def test_an_entry_is_made_published_changed_and_trashed(garden: Garden) -> None:
    """The main walk of an entry: 201 with Location, publish, edit, delivery, unpublish, trash."""
    knock = garden.knock()
    made = knock("POST", "/cma/items", item(garden, garden.root, title="Hello, world!"))
    assert made.status == 201
    id_ = id_of(made)
    assert made.headers["location"] == f"/cma/items/{id_}"
    assert made.headers["etag"] == '"1"'
    data = made.json["data"]
    assert data["attributes"] == {"title": "Hello, world!"}
    assert data["relationships"]["item_type"]["data"]["id"] == str(garden.article)
    assert data["relationships"]["creator"]["data"] == {"type": "user", "id": str(GARDENER)}
    assert data["meta"]["status"] == "draft"
    assert data["meta"]["slug"] == f"hello-world-{id_}"
    assert data["meta"]["created_by"] == data["meta"]["updated_by"] == str(GARDENER)
    here = f"/cma/items/{id_}"
    assert knock("GET", f"/cda/items/{id_}").status == 404
    assert (
        knock("GET", f"/cda/preview/items/{id_}").json["data"]["attributes"] == (data["attributes"])
    )
    published = knock("PUT", f"{here}/publish")
    assert (published.status, published.json["data"]["meta"]["status"]) == (200, "published")
    patch = {"data": {"type": "item", "id": str(id_), "attributes": {"text": "More."}}}
    patched = knock("PATCH", here, patch)
    assert patched.json["data"]["attributes"] == {"title": "Hello, world!", "text": "More."}
    assert patched.json["data"]["meta"]["status"] == "updated"
    delivered = knock("GET", f"/cda/items/{id_}").json["data"]
    assert delivered["attributes"] == {"title": "Hello, world!"}
    assert delivered["meta"]["status"] == "published"
    assert "created_by" not in delivered["meta"]
    replaced = {"data": {"type": "item", "attributes": {"title": "Alone"}}}
    assert knock("PUT", here, replaced).json["data"]["attributes"] == {"title": "Alone"}
    assert knock("PUT", f"{here}/unpublish").json["data"]["meta"]["status"] == "draft"
    trashed = knock("DELETE", here)
    assert trashed.status == 200
    assert trashed.json["meta"]["effective"] == "host"
    assert trashed.headers["counterfoil-position"] == str(trashed.json["meta"]["position"])
    assert knock("GET", here).status == 404
    assert knock("POST", f"/cma/nodes/{id_}/restore").status == 200
    assert knock("GET", here).status == 200


def test_nodes_are_made_moved_and_renamed(garden: Garden) -> None:
    """Folders, links and assets are made as nodes; PATCH moves, renames and describes them."""
    knock = garden.knock()
    folder = id_of(knock("POST", "/cma/nodes", node(garden.root, "site")))
    facts = {"kind": "asset", "filename": "a.png", "media_type": "image/png", "size": 7}
    asset = id_of(knock("POST", "/cma/nodes", node(folder, "a.png", **facts)))
    link = id_of(knock("POST", "/cma/nodes", node(garden.root, "a", kind="link", target=asset)))
    shown = knock("GET", f"/cma/nodes/{link}").json["data"]
    assert shown["relationships"]["target"]["data"]["id"] == str(asset)
    to = {"parent": {"data": {"type": "node", "id": str(garden.root)}}}
    change = {
        "data": {
            "type": "node",
            "attributes": {"slug": "b.png", "size": 8},
            "relationships": to,
        }
    }
    moved = knock("PATCH", f"/cma/nodes/{asset}", change, {"if-match": '"1"'})
    assert moved.status == 200
    attributes = moved.json["data"]["attributes"]
    assert (attributes["slug"], attributes["size"], attributes["kind"]) == ("b.png", 8, "asset")
    assert moved.json["data"]["relationships"]["parent"]["data"]["id"] == str(garden.root)
    assert moved.json["meta"]["effective"] == "host"
    assert knock("PATCH", f"/cma/nodes/{asset}", change, {"if-match": '"1"'}).status == 412
    above = knock("GET", f"/cma/nodes/{asset}/lineage").json["data"]
    assert [each["id"] for each in above] == [str(garden.root), str(asset)]


@pytest.mark.parametrize("flags", list(product((False, True), repeat=3)))
def test_each_surface_opens_its_own_doors(garden: Garden, flags: tuple[bool, ...]) -> None:
    """In all eight combinations a flag opens its own surface and no other (D9)."""
    post = garden.entry(garden.root, "post", published=True)
    held = surfaces(*(surface for surface, on in zip(Surface, flags, strict=True) if on))
    knock = garden.knock(token(may=READS, surfaces=held))
    for base, on in zip(("/cda", "/cda/preview", "/cma"), flags, strict=True):
        for url in (f"{base}/items", f"{base}/items/{post}", f"{base}/nodes/{post}"):
            answer = knock("GET", url)
            assert answer.status == (200 if on else 403)
            assert on or answer.code == "API_NOT_ENABLED_FOR_TOKEN"


def test_no_parameter_shows_a_draft_on_delivery(garden: Garden) -> None:
    """Delivery refuses each parameter that would widen it, and its order tells nothing (S33)."""
    old = garden.entry(garden.root, "old", published=True)
    new = garden.entry(garden.root, "new", published=True)
    knock = garden.knock()
    before = knock("GET", "/cda/items?sort=updated_at").raw
    knock(
        "PATCH",
        f"/cma/items/{old}",
        {"data": {"type": "item", "attributes": {"text": "draft"}}},
    )
    assert knock("GET", "/cda/items?sort=updated_at").raw == before
    for parameter in ("status=draft", "version=latest", "version=current", "include=parent"):
        assert knock("GET", f"/cda/items/{new}?{parameter}").status == 400
        assert knock("GET", f"/cda/items?{parameter}").status == 400


def test_lists_page_through_everything_once(garden: Garden) -> None:
    """Pages by cursor show each node once, in order, and count them all."""
    site = garden.folder(garden.root, "site")
    made = [garden.entry(site, f"post-{number}", published=True) for number in range(7)]
    knock = garden.knock()
    for sort, expected in (("slug", made), ("-slug", made[::-1])):
        seen: list[str] = []
        url: str | None = f"/cda/items?filter[under]={site}&sort={sort}&page[size]=3"
        while url:
            page = knock("GET", url).json
            assert page["meta"]["total_count"] == 7
            seen += [each["id"] for each in page["data"]]
            url = page["links"]["next"]
        assert seen == [str(id_) for id_ in expected]


def test_a_cursor_is_good_for_one_list_of_one_caller(garden: Garden) -> None:
    """A cursor that is forged, or another caller's or another list's, is 400 (S35)."""
    for number in range(3):
        garden.entry(garden.root, f"post-{number}", published=True)
    knock = garden.knock()
    link = knock("GET", "/cda/items?sort=slug&page[size]=1").json["links"]["next"]
    cursor = link.partition("after%5D=")[2]
    good = f"/cda/items?sort=slug&page[size]=1&page[after]={cursor}"
    assert knock("GET", good).status == 200
    flipped = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    for bad in (
        f"/cda/items?sort=slug&page[after]={flipped}",
        f"/cda/items?sort=slug&page[after]={cursor[:-4]}",
        "/cda/items?sort=slug&page[after]=' OR 1=1 --",
        "/cda/items?sort=slug&page[after]=%C3%A9",
        f"/cda/items?sort=-slug&page[after]={cursor}",
        f"/cda/items?page[after]={cursor}",
        f"/cda/nodes?sort=slug&page[after]={cursor}",
        f"/cda/preview/items?sort=slug&page[after]={cursor}",
        f"/cma/item-types?page[after]={cursor}",
    ):
        answer = knock("GET", bad)
        assert (answer.status, answer.code) == (400, "INVALID_REQUEST"), bad
    assert garden.knock(token())("GET", good).status == 400


def test_content_types_live_over_http(garden: Garden) -> None:
    """A content type is made, listed for export, changed under If-Match, refused and removed."""
    knock = garden.knock()
    wanted = {
        "api_key": "article",
        "name": "Article",
        "schema_id": "https://schema.test/article.json",
        "body": ARTICLE,
    }
    made = knock("POST", "/cma/item-types", {"data": {"type": "item_type", "attributes": wanted}})
    assert made.status == 201
    id_ = made.json["data"]["id"]
    assert made.json["data"]["attributes"] == wanted
    schemas = knock("GET", "/cma/content_type_schemas").json
    assert schemas["meta"]["total_count"] == 1
    assert schemas["data"][0]["attributes"] == {
        "schema_id": wanted["schema_id"],
        "api_key": "article",
        "body": ARTICLE,
        "version": 1,
    }
    here, change = f"/cma/item-types/{id_}", {"name": "Story"}
    body = {"data": {"type": "item_type", "attributes": change}}
    assert knock("PATCH", here, body, {"if-match": '"1"'}).headers["etag"] == '"2"'
    assert knock("PATCH", here, body, {"if-match": '"1"'}).status == 412
    body["data"]["attributes"] = {"body": {"type": "nothing"}}
    refused = knock("PATCH", here, body)
    assert refused.status == 422
    assert refused.json["errors"][0]["source"]["pointer"] == "/data/attributes/body/type"
    assert knock("DELETE", here).status == 200
    assert knock("GET", here).status == 404


def test_a_create_sent_twice_happens_once(garden: Garden) -> None:
    """With an Idempotency-Key the same create answers the same and makes one entry."""
    knock = garden.knock()
    body, key = item(garden, garden.root, title="Once"), {"idempotency-key": "k" * 16}
    first, second = (knock("POST", "/cma/items", body, key) for _ in range(2))
    assert first.status == second.status == 201
    assert first.json == second.json
    assert knock("GET", "/cma/items").json["meta"]["total_count"] == 1


def test_who_writes_without_reading_is_shown_no_content(garden: Garden) -> None:
    """A caller that may write an entry but not read it gets no content back."""
    post = garden.entry(garden.root, "post", text="private")
    knock = garden.knock(token(may=scopes(Scope.CONTENT_WRITE)))
    body = {"data": {"type": "item", "attributes": {"rank": 1}}}
    answer = knock("PATCH", f"/cma/items/{post}", body)
    assert (answer.status, answer.json["data"]["attributes"]) == (200, {})


BAD_ITEMS: list[tuple[dict[str, Any], int, str]] = [
    ({"type": "node"}, 422, "/data/type"),
    ({"attributes": {"title": 1}}, 422, "/data/attributes/title"),
    ({"attributes": {}}, 422, "/data/attributes"),
    ({"attributes": {"title": "t", "no": 1}}, 422, "/data/attributes"),
    ({"attributes": [1]}, 422, "/data/attributes"),
    ({"id": "1"}, 422, "/data/id"),
    ({"relationships": {}}, 422, "/data/relationships/parent"),
    ({"meta": {"slug": "../up"}}, 422, "/data/meta/slug"),
    ({"meta": {"status": "published"}}, 422, "/data/meta/status"),
]


@pytest.mark.parametrize(("change", "status", "pointer"), BAD_ITEMS)
def test_a_bad_entry_names_its_field(
    garden: Garden, change: dict[str, Any], status: int, pointer: str
) -> None:
    """Whatever is wrong with a new entry is a 4xx that points at it, and nothing is made."""
    knock = garden.knock()
    body = item(garden, garden.root, title="good")
    body["data"].update(change)
    answer = knock("POST", "/cma/items", body)
    assert answer.status == status
    assert answer.json["errors"][0]["source"]["pointer"] == pointer
    assert knock("GET", "/cma/items").json["meta"]["total_count"] == 0


BAD_NODES: list[tuple[dict[str, Any], str]] = [
    ({"kind": "root"}, "/data/attributes/kind"),
    ({"kind": "entry"}, "/data/attributes/kind"),
    ({"slug": ""}, "/data/attributes/slug"),
    ({"slug": 7}, "/data/attributes/slug"),
    ({"size": 1}, "/data/attributes/size"),
    ({"kind": "link"}, "/data/relationships/target"),
    ({"kind": "asset"}, "/data/attributes/filename"),
    ({"kind": "asset", "filename": "a/b", "media_type": "a/b", "size": 1},
     "/data/attributes/filename"),
    ({"kind": "asset", "filename": "a", "media_type": "ab", "size": 1},
     "/data/attributes/media_type"),
    ({"kind": "asset", "filename": "a", "media_type": "a/b", "size": -1},
     "/data/attributes/size"),
    ({"version": 9}, "/data/attributes/version"),
    ({"trashed_at": None}, "/data/attributes/trashed_at"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "pointer"), BAD_NODES)
def test_a_bad_node_names_its_field(garden: Garden, change: dict[str, Any], pointer: str) -> None:
    """Whatever is wrong with a new node is a 422 that points at it, and nothing is made."""
    knock = garden.knock()
    body = node(garden.root, "good")
    body["data"]["attributes"].update(change)
    answer = knock("POST", "/cma/nodes", body)
    assert answer.status == 422
    assert answer.json["errors"][0]["source"]["pointer"] == pointer
    assert knock("GET", "/cma/nodes").json["meta"]["total_count"] == 1


@pytest.mark.parametrize(
    "query",
    [
        "sort=title",
        "sort=",
        "sort=created_at,slug",
        "filter[kind]=token",
        "filter[secret]=1",
        "filter[path]=site",
        "filter[path]=/../etc",
        "filter[path]=//",
        "filter[path]=/site/",
        "filter[path]=/a%00b",
        "filter[path]=/a%2F..%2Fb",
        "filter[path]=" + "/a" * 70,
        "filter[path]=/" + "a" * 200,
        "page[size]=0",
        "page[size]=101",
        "page[size]=x",
        "page[after]=",
        "page[offset]=-1",
        "filter[parent]=1&filter[parent]=2",
    ],
)
def test_a_bad_query_is_400(garden: Garden, query: str) -> None:
    """A parameter that is unknown, doubled or out of bounds is a 400 on every surface (S39)."""
    knock = garden.knock()
    for base in ("/cma", "/cda", "/cda/preview"):
        assert knock("GET", f"{base}/nodes?{query}").status == 400


@pytest.mark.parametrize("id_", ["7", "nod_7", "tok_1234567890123456", "-1", "9" * 40, "é"])
def test_an_id_that_can_be_none_is_unknown(garden: Garden, id_: str) -> None:
    """A malformed id is as an unknown one: 404, and 403 for a restricted token (S31)."""
    site = garden.folder(garden.root, "site")
    for url in (f"/cma/nodes/{id_}", f"/cda/items/{id_}", f"/cma/nodes/{id_}/lineage"):
        assert garden.knock()("GET", url).status == 404
        assert garden.knock(token(site))("GET", url).status == 403
    assert garden.knock()("GET", f"/cma/item-types/{id_}").status == 404


def test_a_large_offset_is_an_empty_page(any_garden: Garden) -> None:
    """The furthest offset and an unknown type find nothing, on both engines, and break nothing."""
    knock = any_garden.knock()
    any_garden.entry(any_garden.root, "post")
    for query in (f"page[offset]={2**53 - 1}", "filter[type]=9007199254740991", "filter[type]=no"):
        answer = knock("GET", f"/cma/items?{query}")
        assert (answer.status, answer.json["data"]) == (200, [])


def test_a_publish_takes_no_body(garden: Garden) -> None:
    """A publish with a body is refused: what would be a part of it must not publish the whole."""
    post = garden.entry(garden.root, "post")
    body = {"data": {"type": "selective_publish_operation"}}
    assert garden.knock()("PUT", f"/cma/items/{post}/publish", body).status == 400
    assert garden.node(post).published is None


def test_a_folder_is_no_entry(garden: Garden) -> None:
    """The view of entries knows entries alone: reading is 404, changing is 409."""
    folder = garden.folder(garden.root, "folder")
    knock = garden.knock()
    assert knock("GET", f"/cma/items/{folder}").status == 404
    assert knock("DELETE", f"/cma/items/{folder}").status == 409
    assert knock("PUT", f"/cma/items/{folder}/publish").status == 409
    assert garden.knock(token(folder))("GET", f"/cma/items/{folder}").status == 403


def test_every_door_that_writes_is_on_the_management_surface() -> None:
    """Delivery and preview only read; what changes anything stands below /cma (D9)."""
    for route in ROUTES:
        assert route.method == "GET" or route.path.startswith("/cma/")
