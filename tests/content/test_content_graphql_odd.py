"""GraphQL asked oddly: by null, by values of other kinds, in circles, and of types named alike."""

from __future__ import annotations

from typing import Any, Final

import pytest

from counterfoil.content import define_type, publish, write
from counterfoil.kernel.ids import NodeId
from support.content import Garden

SURFACES: Final = ("/graphql", "/graphql/preview")
ELSEWHERE: Final = 'input: {name: "x", organizationId: $id}'
ODD: Final[tuple[Any, ...]] = ({"a": 1}, ["1"], True, 1.5, "x", "", 7)


def ask(garden: Garden, query: str, path: str = "/graphql", **variables: Any) -> tuple[int, Any]:
    seen = garden.knock()("POST", path, {"query": query, "variables": variables})
    return seen.status, seen.json


def typed(garden: Garden, key: str, properties: dict[str, Any]) -> str:
    """Define a content type with one entry; return the entry's id."""
    body = {"type": "object", "properties": properties}
    with garden.work() as work:
        schema_id = f"https://schema.test/{key}.json"
        type_ = define_type.create_content_type(work, key, key, schema_id, body)
        entry = write.create_entry(work, garden.root, type_.id, {"title": key}, key)
        publish(work, entry.id)
    return str(entry.id)


@pytest.mark.parametrize("surface", SURFACES)
def test_null_is_as_good_as_nothing(garden: Garden, surface: str) -> None:
    """An argument that is null says as much as one that is left out, written or in a variable."""
    garden.entry(garden.root, "one", published=True)
    bare = ask(garden, "{ allArticles { _slug } }", surface)
    assert bare[1]["data"]["allArticles"]
    for name, kind in (
        ("first", "IntType"),
        ("skip", "IntType"),
        ("orderBy", "RecordOrderBy"),
        ("filter", "ArticleRecordFilter"),
    ):
        assert ask(garden, f"{{ allArticles({name}: null) {{ _slug }} }}", surface) == bare
        variable = f"query($v: {kind}) {{ allArticles({name}: $v) {{ _slug }} }}"
        assert ask(garden, variable, surface, v=None) == bare


def test_null_for_assets(garden: Garden) -> None:
    """The same holds of assets; null changes nothing of one."""
    id_ = str(garden.asset(garden.root, "pic"))
    bare = ask(garden, "{ allAssets { id filename mimeType } }", "/graphql/assets")
    assert bare[1]["data"]["allAssets"][0]["id"] == id_
    for name in ("first", "skip", "under"):
        query = f"{{ allAssets({name}: null) {{ id filename mimeType }} }}"
        assert ask(garden, query, "/graphql/assets") == bare
    change = (
        "mutation($id: ItemId!) { updateAsset(id: $id, filename: null, mimeType: null) { id } }"
    )
    assert ask(garden, change, "/graphql/assets", id=id_)[0] == 200
    assert ask(garden, "{ allAssets { id filename mimeType } }", "/graphql/assets") == bare


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/graphql", "query%s { article(id: $id) { id } }"),
        ("/graphql/assets", "query%s { asset(id: $id) { id } }"),
        ("/graphql/assets", "query%s { allAssets(under: $id) { id } }"),
        ("/graphql/assets", "mutation%s { deleteFolder(id: $id) { id } }"),
        ("/graphql/assets", 'mutation%s { createFolder(parent: $id, slug: "x") { id } }'),
        ("/amplience/graphql", "mutation%s { deletePersonalAccessToken(id: $id) { id } }"),
        ("/amplience/graphql", f"mutation%s {{ createPersonalAccessToken({ELSEWHERE}) {{ id }} }}"),
    ],
)  # fmt: skip
def test_what_is_no_id(garden: Garden, path: str, query: str, odd: object) -> None:
    """Whatever stands where an id is wanted is an error of the query, or names nothing (S38)."""
    garden.entry(garden.root, "one", published=True)
    status, said = ask(garden, query % "($id: ItemId!)", path, id=odd)
    assert status == 200 or 400 <= status < 500
    assert said["errors"]


@pytest.mark.parametrize("odd", ["{a: 1}", "[1]", "true", "1.5", "1e400", "SOME_WORD", "9" * 400])
def test_what_is_written_as_no_id(garden: Garden, odd: str) -> None:
    """The same holds of what stands in the query itself."""
    garden.entry(garden.root, "one", published=True)
    status, said = ask(garden, f"{{ article(id: {odd}) {{ id }} }}")
    assert (status, bool(said["errors"])) == (200, True)


def test_an_id_is_text_or_a_number(garden: Garden) -> None:
    """An id is taken as digits in a string and as a number, as in the dialects (CONTRACT: ids)."""
    id_ = garden.entry(garden.root, "one", published=True)
    for written in (f'"{id_}"', f'"nod_{id_}"', f"{id_}"):
        _, said = ask(garden, f"{{ article(id: {written}) {{ id }} }}")
        assert said == {"data": {"article": {"id": str(id_)}}}
    _, said = ask(garden, "query($id: ItemId!) { article(id: $id) { id } }", id=id_)
    assert said == {"data": {"article": {"id": str(id_)}}}


def test_fragments_that_double(garden: Garden) -> None:
    """Fragments that each spread the next one twice are looked into once each (S40)."""
    garden.entry(garden.root, "one", published=True)
    last = 180
    row = "".join(
        f"fragment f{n} on ArticleRecord {{ ...f{n + 1} ...f{n + 1} }} " for n in range(last)
    )
    query = f"{{ allArticles {{ ...f0 }} }} {row} fragment f{last} on ArticleRecord {{ _slug }}"
    assert ask(garden, query) == (200, {"data": {"allArticles": [{"_slug": "one"}]}})


ALIKE: Final = ("a", "a_or_b", "all_pages", "any", "b", "categorie", "category", "page", "page_")


def test_types_that_are_named_alike(garden: Garden) -> None:
    """Content types whose names come to one in GraphQL are all there, each by a name (S40)."""
    naming = {
        "title": {"type": "string"},
        "of_two": {"type": "string", "x-reference": ["a", "b"]},
        "of_any": {"type": "string", "x-reference": []},
    }
    entries = {key: typed(garden, key, naming) for key in ALIKE}
    _, said = ask(garden, '{ __type(name: "Query") { fields { name args { name } } } }')
    fields = said["data"]["__type"]["fields"]
    singles = [one["name"] for one in fields if [arg["name"] for arg in one["args"]] == ["id"]]
    found = set()
    for single in singles:
        for id_ in entries.values():
            query = f'{{ {single}(id: "{id_}") {{ id title of_two {{ __typename }} }} }}'
            record = ask(garden, query)[1]["data"][single]
            found |= {(record["title"], record["id"])} if record else set()
    assert found == set(entries.items())
    lists = [
        name for one in fields if (name := one["name"]).startswith("all") and name not in singles
    ]
    counts = [len(ask(garden, f"{{ {name} {{ id }} }}")[1]["data"][name]) for name in lists]
    assert counts == [1] * len(ALIKE)


def knot(garden: Garden, times: int, title: str = "knot") -> None:
    """Publish an entry that names itself so many times."""
    names = {
        "title": {"type": "string"},
        "next": {"type": "array", "items": {"type": "string", "x-reference": []}},
    }
    id_ = typed(garden, "knot", names)
    with garden.work() as work:
        said = {"title": title, "next": [id_] * times}
        write.edit_entry(work, NodeId(int(id_)), said)
        publish(work, NodeId(int(id_)))


@pytest.mark.parametrize("surface", SURFACES)
def test_entries_that_name_each_other(garden: Garden, surface: str) -> None:
    """What a query gets is counted: entries that name each other multiply no answer (S40)."""
    knot(garden, 250)
    one = "{ allKnots { next { ... on KnotRecord { id } } } }"
    assert len(ask(garden, one, surface)[1]["data"]["allKnots"][0]["next"]) == 250
    query = "{ allKnots { " + "next { ... on KnotRecord { " * 8 + "id" + " } }" * 8 + " } }"
    status, said = ask(garden, query, surface)
    assert (status, said["errors"][0]["extensions"]["code"]) == (200, "INVALID_REQUEST")
    assert list(said) == ["errors"]


def test_long_texts_count(garden: Garden) -> None:
    """Long texts are counted as well, so that references do not multiply them (S40)."""
    knot(garden, 20, "x" * 100_000)
    assert ask(garden, "{ allKnots { title } }")[1]["data"]
    query = "{ allKnots { next { ... on KnotRecord { title next { ...r } } } } } "
    _, said = ask(garden, f"{query} fragment r on KnotRecord {{ title }}")
    assert list(said) == ["errors"]
