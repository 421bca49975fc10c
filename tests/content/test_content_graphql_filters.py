"""Filters in GraphQL: the questions of REST, and its refusals."""

from __future__ import annotations

from typing import Any

import pytest

from content.test_content_graphql import Shelf
from support.content import Garden, token

LIST = "query($f: ShortStoryRecordFilter) { allShortStories(filter: $f) { _slug } "
QUERY = f"{LIST} _allShortStoriesMeta(filter: $f) {{ count }} }}"


@pytest.fixture
def shelf(any_garden: Garden) -> Shelf:
    """Two stories inside that have values, and one outside."""
    shelf = Shelf(any_garden)
    shelf.tell(
        shelf.inside, "a", words=2, score=1.5, done=True, tags=["red", "blue"],
        motto={"en": "Go", "de": "Los"}, author=str(shelf.near), related=[str(shelf.near)],
    )  # fmt: skip
    shelf.tell(shelf.inside, "b", words=-7, score=1e20, done=False, tags=["a,b"])
    shelf.tell(shelf.outside, "c", tags=["red"], related=[str(shelf.near), str(shelf.far)])
    return shelf


def found(shelf: Shelf, caller: Any = None, **asked: Any) -> str:
    said = shelf.ask(QUERY, caller, f=asked)
    assert "errors" not in said, said
    slugs = "".join(sorted(one["_slug"] for one in said["data"]["allShortStories"]))
    assert said["data"]["_allShortStoriesMeta"] == {"count": len(slugs)}
    return slugs


def test_what_can_be_asked(shelf: Shelf) -> None:
    """Texts, numbers, flags, references and lists are asked as in REST, and counted alike (S30)."""
    near = str(shelf.near)
    for asked, expected in (
        ({"title": {"eq": "a"}}, "a"),
        ({"title": {"in": ["a", "c", "x"]}}, "ac"),
        ({"title": {"gt": "a"}, "words": {"exists": True}}, "b"),
        ({"words": {"lt": 2}}, "b"),
        ({"words": {"eq": 2.0}}, "a"),
        ({"score": {"gte": 1.5}}, "ab"),
        ({"score": {"gt": 1e10}}, "b"),
        ({"done": {"eq": False}}, "b"),
        ({"done": {"exists": False}}, "c"),
        ({"motto": {"eq": "Go"}}, "a"),
        ({"motto": {"eq": "Los"}}, ""),
        ({"tags": {"has": "red"}}, "ac"),
        ({"tags": {"has": "a,b"}}, "b"),
        ({"tags": {"hasAny": ["blue", "a,b"]}}, "ab"),
        ({"tags": {"hasAll": ["blue", "red"]}}, "a"),
        ({"author": {"eq": near}}, "a"),
        ({"related": {"has": near}}, "ac"),
        ({"related": {"hasAll": [near, str(shelf.far)]}}, "c"),
        ({"title": None, "words": {"eq": None}}, "abc"),
        ({}, "abc"),
    ):
        assert found(shelf, **asked) == expected, asked


def test_it_stays_inside(shelf: Shelf) -> None:
    """Under roots a filter finds what is inside, and a node outside is refused (S30, S31)."""
    visitor = token(shelf.inside)
    assert found(shelf, visitor, tags={"has": "red"}) == "a"
    assert found(shelf, visitor, related={"has": str(shelf.near)}) == "a"
    for id_ in (str(shelf.far), "1234567890123456", "x"):
        said = shelf.ask(QUERY, visitor, f={"related": {"has": id_}})
        codes = {error["extensions"]["code"] for error in said["errors"]}
        assert codes == {"OUTSIDE_ROOT_NODES"}


def test_what_cannot_be_asked(shelf: Shelf) -> None:
    """Too much, the wrong kind, and what is no property of the type are errors (S40)."""
    many = {name: {"eq": "x", "gt": "x", "lt": "x", "gte": "x"} for name in ("title", "motto")}
    wrong: list[dict[str, Any]] = [
        {**many, "tags": {"has": "x", "hasAny": ["y"], "hasAll": ["z"]}},
        {"title": {"in": []}},
        {"title": {"eq": "x" * 200}},
        {"tags": {"hasAll": [str(number) for number in range(11)]}},
        {"words": {"eq": "2"}},
        {"words": {"eq": "NaN"}},
        {"extra": {"exists": True}},
        {"not-a-name": {"eq": "x"}},
        {"nothing": {"eq": "x"}},
        {"tags": {"eq": "x"}},
    ]
    for asked in wrong:
        said = shelf.ask(QUERY, f=asked)
        assert said["errors"], asked
        assert not (said.get("data") or {}).get("allShortStories")


def test_what_is_not_read_is_not_asked(shelf: Shelf) -> None:
    """Where no entry of a type is met, its references are no members of the filter (S30)."""
    query = '{ __type(name: "ShortStoryRecordFilter") { inputFields { name } } }'

    def names(caller: Any = None) -> set[str]:
        said = shelf.ask(query, caller)
        return {one["name"] for one in said["data"]["__type"]["inputFields"]}

    every = {"title", "words", "score", "done", "tags", "motto", "author", "related"}
    assert names() == every
    bare = shelf.garden.folder(shelf.garden.root, "bare")
    shelf.tell(bare, "alone")
    assert names(token(bare)) == every - {"author"}
