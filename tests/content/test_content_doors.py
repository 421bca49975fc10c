"""Content over HTTP: the resources, verbs and statuses of its doors, through the whole stack."""

from __future__ import annotations

from itertools import product

import pytest

from counterfoil.access.scope import Scope, scopes
from counterfoil.access.surface import Surface, surfaces
from counterfoil.operation import OPERATIONS
from support.content import (
    ARTICLE,
    GARDENER,
    READS,
    ROUTES,
    Garden,
    id_of,
    item_body,
    node_body,
    token,
)


def test_an_entry_is_made_published_changed_and_trashed(garden: Garden) -> None:
    """The main walk of an entry: 201 with Location, publish, edit, delivery, unpublish, trash."""
    knock = garden.knock()
    made = knock("POST", "/cma/items", item_body(garden, garden.root, title="Hello, world!"))
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
    folder = id_of(knock("POST", "/cma/nodes", node_body(garden.root, "site")))
    facts = {"kind": "asset", "filename": "a.png", "media_type": "image/png", "size": 7}
    asset = id_of(knock("POST", "/cma/nodes", node_body(folder, "a.png", **facts)))
    link = id_of(
        knock("POST", "/cma/nodes", node_body(garden.root, "a", kind="link", target=asset))
    )
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
    assert knock("PATCH", f"/cma/nodes/{asset}", change, {"if-match": "*"}).status == 200
    assert knock("PATCH", f"/cma/nodes/{int(asset) - 1}", change, {"if-match": "*"}).status == 404
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
    body, key = item_body(garden, garden.root, title="Once"), {"idempotency-key": "k" * 16}
    first, second = (knock("POST", "/cma/items", body, key) for _ in range(2))
    assert first.status == second.status == 201
    assert first.json == second.json
    assert knock("GET", "/cma/items").json["meta"]["total_count"] == 1


def test_assets_are_written_by_their_own_scope(garden: Garden) -> None:
    """`assets:write` makes and describes assets by itself, and nothing else of the tree (X4)."""
    curator = garden.knock(token(may=scopes(Scope.ASSETS_READ, Scope.ASSETS_WRITE)))
    facts = {"filename": "a.png", "media_type": "image/png", "size": 3}
    made = curator("POST", "/cma/nodes", node_body(garden.root, "a", kind="asset", **facts))
    assert made.status == 201, made.json
    path = f"/cma/nodes/{id_of(made)}"
    body = {"data": {"type": "node", "attributes": {"size": 4}}}
    assert curator("PATCH", path, body).json["data"]["attributes"]["size"] == 4
    for method, where, other in (
        ("POST", "/cma/nodes", node_body(garden.root, "b", kind="folder")),
        ("PATCH", path, {"data": {"type": "node", "attributes": {"slug": "c"}}}),
    ):
        refused = curator(method, where, other)
        assert (refused.status, refused.code) == (403, "INSUFFICIENT_SCOPE")
        assert refused.json["errors"][0]["meta"]["scope"] == "content:write"
    writer = garden.knock(token(may=READS | scopes(Scope.CONTENT_WRITE)))
    refused = writer("POST", "/cma/nodes", node_body(garden.root, "d", kind="asset", **facts))
    assert refused.json["errors"][0]["meta"]["scope"] == "assets:write"
    reader = garden.knock(token(may=READS))
    assert reader("POST", "/cma/nodes", b"no body at all").code == "INSUFFICIENT_SCOPE"


@pytest.mark.parametrize("id_", ["4444444444444444", "nod_x", "1", "usr_4444444444444444"])
@pytest.mark.parametrize("name", ["parent", "target"])
def test_a_node_that_a_body_names_wrongly_is_pointed_at(
    garden: Garden, name: str, id_: str
) -> None:
    """An unknown node in a body is 422 at its member; to the restricted it is outside (S31)."""
    page = garden.folder(garden.root, "page")
    link = node_body(page, "link", kind="link", target=garden.root)
    link["data"]["relationships"][name]["data"]["id"] = id_
    tries = [("POST", "/cma/nodes", link)]
    if name == "parent":
        item = item_body(garden, page, title="t")
        item["data"]["relationships"]["parent"]["data"]["id"] = id_
        moved = {"parent": {"data": {"type": "node", "id": id_}}}
        move = {"data": {"type": "node", "attributes": {}, "relationships": moved}}
        tries += [("POST", "/cma/items", item), ("PATCH", f"/cma/nodes/{page}", move)]
    for method, path, body in tries:
        seen = garden.knock()(method, path, body)
        assert (seen.status, seen.code) == (422, "INVALID_FIELD")
        (error,) = seen.json["errors"]
        assert error["source"] == {"pointer": f"/data/relationships/{name}"}
        restricted = garden.knock(token(page))(method, path, body)
        assert (restricted.status, restricted.code) == (403, "OUTSIDE_ROOT_NODES")


def test_who_writes_without_reading_is_shown_no_content(garden: Garden) -> None:
    """A caller that may write an entry but not read it gets no content back."""
    post = garden.entry(garden.root, "post", text="private")
    knock = garden.knock(token(may=scopes(Scope.CONTENT_WRITE)))
    body = {"data": {"type": "item", "attributes": {"rank": 1}}}
    answer = knock("PATCH", f"/cma/items/{post}", body)
    assert (answer.status, answer.json["data"]["attributes"]) == (200, {})


def test_every_door_that_writes_is_on_the_management_surface() -> None:
    """Delivery and preview only read; what changes anything stands below /cma (D9)."""
    for route in ROUTES:
        reads = bool(route.operation) and OPERATIONS[route.operation].reads
        assert reads or route.path.startswith("/cma/")
