"""Bad input at the doors of content: a 4xx says what is wrong, and nothing is changed."""

from __future__ import annotations

from typing import Any

import pytest

from support.content import Garden, item_body, node_body, token

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
    body = item_body(garden, garden.root, title="good")
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
    ({"kind": "asset", "filename": ".", "media_type": "a/b", "size": 1},
     "/data/attributes/filename"),
    ({"kind": "asset", "filename": "..", "media_type": "a/b", "size": 1},
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
    body = node_body(garden.root, "good")
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
        "sort=created_at,slug,-created_at,slug",
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
