"""Many entries at once: all of them or none, and a refusal speaks of one alone (S36)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from counterfoil.access.scope import Scope, scopes
from counterfoil.audit.record import entries
from support.content import READS, Garden, token

EVERY = ("publish", "unpublish", "destroy")
UNKNOWN = 1_000_000_000_000_999


def named(*ids: object) -> dict[str, Any]:
    return {"data": [{"type": "item", "id": str(id_)} for id_ in ids]}


def test_many_are_published_withdrawn_and_destroyed(any_garden: Garden) -> None:
    """The three verbs act on all that are named, answer them in order, and are on record each."""
    garden = any_garden
    knock = garden.knock()
    posts = [garden.entry(garden.root, f"post-{number}") for number in range(4)]
    for verb, status in (("publish", "published"), ("unpublish", "draft"), ("destroy", "draft")):
        done = knock("POST", f"/cma/items/bulk/{verb}", named(*reversed(posts)))
        assert done.status == 200
        data = done.json["data"]
        assert [int(one["id"]) for one in data] == posts[::-1]
        assert {one["meta"]["status"] for one in data} == {status}
        assert done.headers["counterfoil-position"]
        assert ("meta" in done.json) == (verb == "destroy")
    assert [garden.node(post).live for post in posts] == [False] * 4


@pytest.mark.parametrize("verb", EVERY)
def test_one_refusal_undoes_the_others(any_garden: Garden, verb: str) -> None:
    """If one is refused nothing happens to any, and the refusal points at that one (S36)."""
    garden = any_garden
    posts = [garden.entry(garden.root, f"p-{n}", published=verb == "unpublish") for n in range(3)]
    before = [garden.node(post) for post in posts]
    logo = garden.asset(garden.root, "logo.png")
    knock = garden.knock()
    for wrong, status in ((UNKNOWN, 404), (logo, 409)):
        done = knock("POST", f"/cma/items/bulk/{verb}", named(*posts[:2], wrong, posts[2]))
        (error,) = done.json["errors"]
        assert (done.status, error["source"]["pointer"]) == (status, "/data/2")
        assert error["meta"]["id"] == str(wrong)
        assert [garden.node(post) for post in posts] == before


def test_a_draft_that_no_longer_fits_is_pointed_at(garden: Garden) -> None:
    """An entry that its content type refuses stops the bulk and says which member is wrong."""
    good, bad = garden.entry(garden.root, "good"), garden.entry(garden.root, "bad")
    knock = garden.knock()
    here = f"/cma/item-types/{garden.article}"
    body = knock("GET", here).json["data"]["attributes"]["body"]
    body["properties"]["title"] = {"enum": ["good"]}
    change = {"data": {"type": "item_type", "attributes": {"body": body}}}
    assert knock("PATCH", here, change).status == 200
    done = knock("POST", "/cma/items/bulk/publish", named(good, bad))
    (error,) = done.json["errors"]
    assert (done.status, error["source"]["pointer"]) == (422, "/data/1")
    assert error["meta"] == {"id": str(bad), "pointer": "/data/attributes/title"}
    assert garden.node(good).published is None


@pytest.mark.parametrize("verb", EVERY)
def test_outside_and_unknown_are_one_refusal(garden: Garden, verb: str) -> None:
    """Whatever lies outside the roots, deep or nowhere, is refused alike and in its turn (S31)."""
    inside, aside = garden.folder(garden.root, "in"), garden.folder(garden.root, "out")
    here = garden.entry(inside, "here")
    outside = garden.entry(garden.entry(aside, "top"), "deep")
    knock = garden.knock(token(inside))
    answers = []
    for pair in ((outside, UNKNOWN), (UNKNOWN, outside)):
        done = knock("POST", f"/cma/items/bulk/{verb}", named(*pair, here))
        (error,) = done.json["errors"]
        assert (done.status, done.code) == (403, "OUTSIDE_ROOT_NODES")
        assert error["source"]["pointer"] == "/data/0"
        assert error["meta"].pop("id") == str(pair[0])
        answers.append(error["meta"])
    assert answers[0] == answers[1]
    assert garden.node(here).live


def test_a_page_is_destroyed_with_its_parent(garden: Garden) -> None:
    """An entry and one below it, in either order, both go into the trash."""
    for turn in (0, 1):
        page = garden.entry(garden.root, f"page-{turn}")
        below = garden.entry(page, "below")
        both = (page, below) if turn else (below, page)
        assert garden.knock()("POST", "/cma/items/bulk/destroy", named(*both)).status == 200
        assert not garden.node(page).live
        assert garden.node(below).trashed_at is not None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"data": []}, "/data"),
        (named(*range(1, 102)), "/data"),
        (named(UNKNOWN, 8, f"nod_{UNKNOWN}"), "/data/2/id"),
        ({"data": [{"type": "node", "id": "7"}]}, "/data/0/type"),
        ({"data": [{"type": "item"}]}, "/data/0"),
        ({"data": {"type": "item", "id": "7"}}, "/data"),
        ({"data": [{"type": "item", "id": 7}]}, "/data/0/id"),
        ({"data": [{"type": "item", "id": "7", "also": 1}]}, "/data/0"),
    ],
)
def test_a_bulk_names_its_entries_well(garden: Garden, body: Any, field: str) -> None:
    """None, more than 100, one twice, or no entries: 422 that points at what is wrong."""
    garden.entry(garden.root, "post")
    for verb in EVERY:
        done = garden.knock()("POST", f"/cma/items/bulk/{verb}", body)
        assert (done.status, done.code) == (422, "INVALID_FIELD")
        assert done.json["errors"][0]["source"]["pointer"].startswith(field)


def test_a_hundred_are_taken(garden: Garden) -> None:
    """The limit itself is allowed, and each is on record with its own target (R14)."""
    posts = [garden.entry(garden.root, f"post-{number}") for number in range(100)]
    assert garden.knock()("POST", "/cma/items/bulk/publish", named(*posts)).status == 200
    with garden.office.database.reading() as tx:
        told = tx.execute(
            select(entries.c.target).where(entries.c.operation == "entry.publish")
        ).scalars()
        assert sorted(told) == sorted(f"nod_{post}" for post in posts)


def test_a_bulk_takes_the_scope_of_its_verb(garden: Garden) -> None:
    """Publishing many takes content:publish and destroying many content:delete (D10)."""
    post = garden.entry(garden.root, "post")
    for verb, scope in zip(EVERY, ("publish", "publish", "delete"), strict=True):
        done = garden.knock(token(may=READS | scopes(Scope.CONTENT_WRITE)))(
            "POST", f"/cma/items/bulk/{verb}", named(post)
        )
        assert done.json["errors"][0]["meta"]["scope"] == f"content:{scope}"
