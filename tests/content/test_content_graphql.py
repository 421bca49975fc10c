"""GraphQL: what REST allows and nothing else, within bounds, by a schema of one's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import pytest

from counterfoil.access.caller import Caller
from counterfoil.access.grant import Term
from counterfoil.access.scope import EVERY_SCOPE, Scope, scopes
from counterfoil.access.surface import Surface
from counterfoil.content import define_type, locales, publish, write
from counterfoil.kernel.ids import ContentTypeId, NodeId
from support.content import Garden, token

STORY: Final[dict[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "words": {"type": "integer"},
        "score": {"type": "number"},
        "done": {"type": "boolean"},
        "extra": {"type": "object"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "motto": {"type": "string", "x-localized": True},
        "author": {"type": "string", "x-reference": ["article"]},
        "related": {"type": "array", "items": {"type": "string", "x-reference": []}},
        "not-a-name": {"type": "string"},
    },
    "required": ["title"],
}


class Shelf:
    """A garden with stories that name articles, seen through GraphQL."""

    def __init__(self, garden: Garden) -> None:
        self.garden = garden
        self.inside = garden.folder(garden.root, "inside")
        self.outside = garden.folder(garden.root, "outside")
        with garden.work() as work:
            made = define_type.create_content_type(
                work, "short_story", "Short story", "https://schema.test/story.json", STORY
            )
        self.story = made.id
        with garden.work() as work:
            locales.edit_locales(work, ["en", "de"])
        self.near = garden.entry(self.inside, "near", published=True)
        self.far = garden.entry(self.outside, "far", published=True)
        self.draft = garden.entry(self.inside, "draft")

    def tell(self, place: NodeId, slug: str, *, published: bool = True, **said: Any) -> NodeId:
        with self.garden.work() as work:
            made = write.create_entry(work, place, self.story, {"title": slug, **said}, slug)
            if published:
                publish(work, made.id)
        return made.id

    def ask(
        self,
        query: str,
        caller: Caller | None = None,
        path: str = "/graphql",
        **variables: Any,
    ) -> dict[str, Any]:
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"content-type": "text/plain;charset=UTF-8"}
        seen = self.garden.knock(caller)("POST", path, body, headers)
        assert seen.status == 200, seen.raw
        answer: dict[str, Any] = seen.json
        return answer


@pytest.fixture
def shelf(any_garden: Garden) -> Shelf:
    return Shelf(any_garden)


def test_every_kind_of_field(shelf: Shelf) -> None:
    """Each property is asked for by its name and answered in its type; one locale at a time."""
    shelf.tell(
        shelf.inside, "one", words=2**40, score=1.5, done=True, extra={"a": [1]},
        tags=["x", "y"], motto={"en": "Go", "de": "Los"}, author=str(shelf.near),
        related=[str(shelf.near), str(shelf.far)],
    )  # fmt: skip
    said = shelf.ask(
        "{ allShortStories { id _slug _status title words score done extra tags motto"
        ' de: motto(locale: "de") author { title _slug }'
        " related { ... on ArticleRecord { title } } } _allShortStoriesMeta { count } }"
    )
    (story,) = said["data"]["allShortStories"]
    assert said["data"]["_allShortStoriesMeta"] == {"count": 1}
    assert "errors" not in said
    assert story.pop("id").isdecimal()
    assert story == {
        "_slug": "one", "_status": "published", "title": "one", "words": 2**40, "score": 1.5,
        "done": True, "extra": {"a": [1]}, "tags": ["x", "y"], "motto": "Go", "de": "Los",
        "author": {"title": "near", "_slug": "near"},
        "related": [{"title": "near"}, {"title": "far"}],
    }  # fmt: skip


def test_pages_and_order(shelf: Shelf) -> None:
    """A list is asked for by first, skip and order, through variables too; the count is of all."""
    for number in range(5):
        shelf.tell(shelf.inside, f"s{number}")
    query = (
        "query($n: IntType) { allShortStories(first: $n, skip: 1, orderBy: _slug_DESC)"
        " { _slug } _allShortStoriesMeta { count } }"
    )
    said = shelf.ask(query, n=2)["data"]
    assert [one["_slug"] for one in said["allShortStories"]] == ["s3", "s2"]
    assert said["_allShortStoriesMeta"]["count"] == 5


def test_references_that_are_not_seen(shelf: Shelf) -> None:
    """What is named outside the roots, unpublished or gone is null, absent in lists (S30, S33)."""
    gone = shelf.garden.entry(shelf.inside, "gone", published=True)
    names = [str(one) for one in (shelf.near, shelf.far, shelf.draft, gone)]
    for name in names:
        shelf.tell(shelf.inside, f"to-{name}", author=name)
    shelf.tell(shelf.inside, "all", related=names)
    shelf.garden.trash(gone)
    restricted = token(shelf.inside)
    query = (
        "{ allShortStories { _slug author { _slug } related { ... on ArticleRecord { _slug } } } }"
    )
    said = {one["_slug"]: one for one in shelf.ask(query, restricted)["data"]["allShortStories"]}
    assert [said[f"to-{name}"]["author"] for name in names] == [{"_slug": "near"}, None, None, None]
    assert said["all"]["related"] == [{"_slug": "near"}]
    drafts = shelf.ask(query, restricted, "/graphql/preview")["data"]["allShortStories"]
    whole = next(one for one in drafts if one["_slug"] == "all")
    assert [one["_slug"] for one in whole["related"]] == ["near", "draft"]


@pytest.mark.parametrize("restricted", [True, False])
def test_one_record_as_rest_says(shelf: Shelf, restricted: bool) -> None:  # noqa: FBT001 - pytest's
    """A single record is shown or refused with the code that REST has for it (S12, S31)."""
    caller = token(shelf.inside) if restricted else token()
    knock = shelf.garden.knock(caller)
    for id_ in (shelf.near, shelf.far, shelf.draft, NodeId(10**15 + 7)):
        rest = knock("GET", f"/cda/items/{id_}")
        said = shelf.ask("query($id: ItemId!) { article(id: $id) { title } }", caller, id=str(id_))
        if rest.status == 200:
            assert said["data"]["article"]["title"] == rest.json["data"]["attributes"]["title"]
        else:
            assert said["data"] == {"article": None}
            assert said["errors"][0]["extensions"]["code"] == rest.code


def test_the_schema_is_the_callers_own(shelf: Shelf) -> None:
    """A type of which a restricted caller meets nothing is absent, in introspection and errors."""
    shelf.tell(shelf.outside, "secret-plans")
    caller, query = token(shelf.inside), "{ __schema { types { name } } }"
    own, whole = (shelf.ask(query, one)["data"]["__schema"]["types"] for one in (caller, None))
    assert "ShortStoryRecord" not in {one["name"] for one in own}
    assert "ShortStoryRecord" in {one["name"] for one in whole}
    (error,) = shelf.ask("{ allShortStorie { id } }", caller)["errors"]
    assert "allShortStories" not in error["message"]
    (same,) = shelf.ask("{ allShortStories { id } }", caller)["errors"]
    assert same["message"].replace("Stories", "Storie") == error["message"]


@pytest.mark.parametrize(
    ("caller", "path", "code"),
    [
        (lambda: token(surfaces=Surface.PREVIEW.bit), "/graphql", "API_NOT_ENABLED_FOR_TOKEN"),
        (
            lambda: token(surfaces=Surface.DELIVERY.bit),
            "/graphql/preview",
            "API_NOT_ENABLED_FOR_TOKEN",
        ),
        (lambda: token(may=scopes(Scope.AUDIT_READ)), "/graphql", "INSUFFICIENT_SCOPE"),
    ],
)
def test_closed_doors(shelf: Shelf, caller: Callable[[], Caller], path: str, code: str) -> None:
    """A surface that is off, or a scope that is missing, is 403 as it is over REST (D9, S12)."""
    seen = shelf.garden.knock(caller())("POST", path, {"query": "{ __typename }"})
    assert (seen.status, seen.json["errors"][0]["extensions"]["code"]) == (403, code)


@pytest.mark.parametrize(
    "query",
    [
        "{" + "a{" * 11 + "b" + "}" * 11 + "}",
        "{" + " ".join(f"a{n}: allArticles {{ id }}" for n in range(31)) + "}",
        "{" + " ".join("allArticles { id }" for _ in range(21)) + "}",
        "{ allArticles { id " + "@skip(if: false) " * 51 + "} }",
        "{ allArticles { id " + "title " * 2_000 + "} }",
        "{ allShortStories(first: 100) { title } }" + " " * 20_000,
        "fragment a on Query { ...b } fragment b on Query { ...a } { ...a }",
        "{" + " ".join(f"allArticles(first: 100, skip: {n}) {{ id }}" for n in range(20))
        + " allShortStories(first: 100) { id } }",
    ],
)  # fmt: skip
def test_too_much(shelf: Shelf, query: str) -> None:
    """What is too deep, too wide, too long or circular is refused before it is understood (S40)."""
    said = shelf.ask(query)
    assert "data" not in said
    assert said["errors"][0]["message"]


def test_bounds_of_a_page(shelf: Shelf) -> None:
    """No page is larger than a hundred, whichever way its size comes (S40)."""
    for size in (101, -1, 2**52, 1.5, "x", True):
        said = shelf.ask("query($n: IntType) { allArticles(first: $n) { id } }", n=size)
        assert said.get("errors"), size


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 422),
        (b'[{"query": "{ __typename }"}]', 422),
        (b'{"query": 1}', 422),
        (b'{"query": "{ __typename }", "more": 1}', 422),
        (b'{"query": "{ __typename }", "variables": []}', 422),
        (b'{"query": "{ __typename }", "query": "{ a }"}', 400),
        (b"\xff", 400),
    ],
)
def test_bad_bodies(shelf: Shelf, body: bytes, status: int) -> None:
    """A batch, a list or anything that is no single query is a clear 4xx (S38, S40)."""
    seen = shelf.garden.knock()("POST", "/graphql", body)
    assert seen.status == status
    assert seen.json["errors"][0]["message"]


@pytest.mark.parametrize(
    "query",
    ["", "{", "mutation { a }", "subscription { a }", "{ nothing }",
     "query a { __typename } query b { __typename }", "query($n: Nothing) { __typename }",
     '{ allArticles(first: "1") { id } }'],
)  # fmt: skip
def test_bad_queries(shelf: Shelf, query: str) -> None:
    """What is no query of ours answers errors, and nothing happens (S40)."""
    assert shelf.ask(query)["errors"]


def test_get_is_not_served(shelf: Shelf) -> None:
    """Queries are posted: an address in a log or a link asks nothing (S40)."""
    seen = shelf.garden.knock()("GET", "/graphql?query={__typename}")
    assert seen.status == 405


def test_a_model_that_changes(shelf: Shelf) -> None:
    """A property that is added or taken away is there or not in the next query."""
    shelf.tell(shelf.inside, "one", words=3)
    assert shelf.ask("{ allShortStories { words } }")["data"]
    with shelf.garden.work() as work:
        body = {**STORY, "properties": {"title": {"type": "string"}}}
        define_type.edit_content_type(work, ContentTypeId(shelf.story), body=body)
    assert shelf.ask("{ allShortStories { words } }")["errors"]
    assert shelf.ask("{ allShortStories { title } }")["data"]


def test_roles_that_reach_different_parts(shelf: Shelf) -> None:
    """Of two roles each shows what it covers, and together they show no more (CONTRACT: terms)."""
    terms = (
        Term(scopes(Scope.CONTENT_READ), frozenset({shelf.inside})),
        Term(EVERY_SCOPE & ~scopes(Scope.CONTENT_READ), frozenset({shelf.outside})),
    )
    said = shelf.ask("{ allArticles { _slug } }", token(terms=terms))
    assert said["data"]["allArticles"] == [{"_slug": "near"}]
