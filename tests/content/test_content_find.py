"""Finding entries: filters and sorts by properties, and the full text."""

from __future__ import annotations

from itertools import product
from typing import Any, Final
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from counterfoil.access.surface import Surface
from counterfoil.content import define_type, findable, locales, publish, trash, tree, write
from counterfoil.content.publish import unpublish
from counterfoil.content.steps import indexing
from counterfoil.content.store import tables
from counterfoil.kernel.ids import NodeId
from support.content import Garden, token
from support.doors import Seen

BASES: Final = ("/cma", "/cda", "/cda/preview")
OF: Final = "filter[type]=dock&filter[fields]"
PROPERTIES: Final[dict[str, Any]] = {
    "name": {"type": "string"},
    "rank": {"type": ["integer", "null"]},
    "price": {"type": "number"},
    "open": {"type": "boolean"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "motto": {"type": "string", "x-localized": True},
    "near": {"type": "string", "x-reference": ["dock"]},
    "ranks": {"type": ["array", "null"], "items": {"type": "number"}},
    "mottos": {"type": "array", "items": {"type": "string"}, "x-localized": True},
    "all_near": {"type": "array", "items": {"type": "string", "x-reference": []}},
}


class Harbour:
    """A garden with docks, which have values of every kind."""

    def __init__(self, garden: Garden) -> None:
        self.garden = garden
        with garden.work() as work:
            locales.edit_locales(work, ["en", "de"])
        self.dock = garden.shaped("dock", **PROPERTIES)
        self.inside = garden.folder(garden.root, "inside")
        self.outside = garden.folder(garden.root, "outside")

    def make(
        self, slug: str, place: NodeId | None = None, *, published: bool = True, **said: Any
    ) -> NodeId:
        return self.garden.told(place or self.inside, self.dock, slug, published=published, **said)

    def seen(self, query: str, base: str = "/cda", caller: Any = None) -> Any:
        """Return the slugs of all pages, of two entries each."""
        knock, slugs, total = self.garden.knock(caller), [], 0
        url = f"{base}/items?filter[type]=dock&page[size]=2&{query}"
        while url:
            answer = knock("GET", url)
            assert answer.status == 200, answer.raw
            slugs += [one["meta"]["slug"] for one in answer.json["data"]]
            total, url = answer.json["meta"]["total_count"], answer.json["links"]["next"]
        assert total == len(slugs)
        return slugs

    def refused(self, query: str, caller: Any = None) -> tuple[int, str]:
        answer = self.garden.knock(caller)("GET", f"/cda/items?{query}")
        error = answer.json["errors"][0]
        return answer.status, error.get("source", {}).get("parameter", error["code"])


@pytest.fixture
def harbour(any_garden: Garden) -> Harbour:
    return Harbour(any_garden)


@pytest.fixture
def plain(garden: Garden) -> Harbour:
    return Harbour(garden)


def test_filters_of_every_kind(harbour: Harbour) -> None:
    """A filter compares numbers as numbers and texts as texts, on each surface alike."""
    harbour.make("a", name="Anchor", rank=-5, price=1.5, open=True, tags=["x"])
    harbour.make("b", name="Buoy", rank=3, price=10, open=False)
    harbour.make("c", name="Crane", rank=20, price=9)
    harbour.make("d", name="anchor", rank=None)
    for base in BASES:
        for query, expected in (
            ("[name]=Anchor", "a"),
            ("[name]=anchor", "d"),
            ("[name][in]=Anchor,Crane", "ac"),
            ("[name][gte]=Buoy", "bcd"),
            ("[name][lt]=B", "a"),
            ("[rank]=3", "b"),
            ("[rank]=3.0", "b"),
            ("[rank][gt]=-5", "bc"),
            ("[rank][gte]=-5", "abc"),
            ("[rank][lte]=3", "ab"),
            ("[price][lt]=9.5", "ac"),
            ("[price][gt]=1e0", "abc"),
            ("[open]=true", "a"),
            ("[open][exists]=true", "ab"),
            ("[open][exists]=false", "cd"),
            ("[tags][exists]=true", "a"),
            ("[rank][exists]=false", "d"),
            ("[rank][gt]=0&filter[fields][price][lt]=9.5", "c"),
            ("[name]=nobody", ""),
        ):
            found = harbour.seen(f"filter[fields]{query}&sort=slug", base)
            assert "".join(found) == expected, query


def test_lists_are_asked_what_they_hold(harbour: Harbour) -> None:
    """A list is found by one value that it holds, by any of several, and by all of them."""
    harbour.make("a", tags=["red", "blue", "red"], ranks=[1, 2.5], mottos={"de": ["eins"]})
    harbour.make("b", tags=["blue", "a,b"], ranks=[-7], mottos={"en": ["eins"]})
    harbour.make("c", tags=[], ranks=None, name="red")
    for base in BASES:
        for query, expected in (
            ("[tags][has]=red", "a"),
            ("[tags][has]=blue", "ab"),
            ("[tags][has]=Blue", ""),
            ("[tags][has]=a,b", "b"),
            ("[tags][has_any]=red,green", "a"),
            ("[tags][has_any]=red,blue", "ab"),
            ("[tags][has_all]=red,blue", "a"),
            ("[tags][has_all]=red,green", ""),
            ("[tags][has]=blue&filter[fields][ranks][has]=-7", "b"),
            ("[ranks][has]=2.50", "a"),
            ("[ranks][has_any]=1,-7", "ab"),
            ("[mottos][has]=eins", "b"),
        ):
            found = harbour.seen(f"filter[fields]{query}&sort=slug", base)
            assert "".join(found) == expected, query
    assert harbour.seen("filter[fields][mottos][has]=eins&locale=de") == ["a"]


def test_what_a_list_held(harbour: Harbour) -> None:
    """What a list holds no more, or not on this surface, finds nothing."""
    dock = harbour.make("dock", tags=["old"])
    with harbour.garden.work() as work:
        write.edit_entry(work, dock, {"tags": ["new"]})

    def found(tag: str, base: str) -> list[str]:
        return list(harbour.seen(f"filter[fields][tags][has]={tag}", base))

    assert (found("old", "/cda"), found("new", "/cda")) == (["dock"], [])
    assert (found("old", "/cma"), found("new", "/cma")) == ([], ["dock"])
    harbour.garden.trash(dock)
    assert found("old", "/cda") == found("new", "/cma") == []
    with harbour.garden.work() as work:
        trash.destroy(work, dock)
    with harbour.garden.office.database.reading() as tx:
        assert tx.scalar(select(func.count()).select_from(tables.members)) == 0


def test_a_list_tells_of_nobody_outside(harbour: Harbour) -> None:
    """A list of references is asked for nodes that the caller sees, and for no others (S30)."""
    far, near = harbour.make("far", harbour.outside), harbour.make("near")
    harbour.make("both", all_near=[str(far), str(near)])
    harbour.make("out", harbour.outside, all_near=[str(near)])
    ask = f"filter[fields][all_near][has]={near}"
    assert sorted(harbour.seen(ask)) == ["both", "out"]
    visitor = token(harbour.inside)
    assert harbour.seen(ask, caller=visitor) == ["both"]
    refusals = {
        harbour.refused(f"{OF}[all_near][{op}]={id_}", visitor)
        for op in ("has", "has_any", "has_all")
        for id_ in (f"{far}", "1234567890123456", "x")
    }
    assert refusals == {(403, "OUTSIDE_ROOT_NODES")}


def test_sorts(harbour: Harbour) -> None:
    """A sort is by value, by several keys, page after page; what lacks the property comes last."""
    for slug, rank, name in (
        ("a", 10, "x"), ("b", -1, "y"), ("c", None, "z"), ("d", 9, "x"), ("e", 10, "a"),
    ):  # fmt: skip
        harbour.make(slug, rank=rank, name=name)
    for base in BASES:
        for sort, expected in (
            ("fields.rank,slug", "bdaec"),
            ("-fields.rank,slug", "aedbc"),
            ("-fields.rank,-slug", "eadbc"),
            ("-fields.rank,fields.name", "eadbc"),
            ("fields.name,-fields.rank", "eadbc"),
            ("-slug", "edcba"),
        ):
            assert "".join(harbour.seen(f"sort={sort}", base)) == expected, sort
        assert "".join(harbour.seen("sort=-fields.rank&filter[fields][name]=x", base)) == "ad"
        under = f"filter[under]={harbour.inside}&sort=fields.rank,slug"
        assert "".join(harbour.seen(under, base, token(harbour.inside))) == "bdaec"


def test_a_sort_is_cut_anywhere(harbour: Harbour) -> None:
    """Every page of a sorted list goes on where the one before ended, by cursor and by offset."""
    for number in range(12):
        said: dict[str, Any] = {"name": "x"} if number % 2 else {}
        said |= {} if number % 4 == 3 else {"rank": number // 3, "price": 12 - number}
        harbour.make(f"d{number:02}", **said)
    knock = harbour.garden.knock()
    for sort, op in product(
        ("fields.rank", "-fields.rank", "fields.rank,-fields.price", "-fields.rank,slug"),
        ("", "&filter[fields][name][exists]=true"),
    ):
        query = f"sort={sort}{op}"
        whole = [
            one["meta"]["slug"]
            for one in knock("GET", f"/cda/items?filter[type]=dock&{query}").json["data"]
        ]
        assert len(whole) == (6 if op else 12)
        ranks = [int(slug[1:]) // 3 for slug in whole if int(slug[1:]) % 4 != 3]
        assert ranks == sorted(ranks, reverse=sort.startswith("-"))
        assert [int(slug[1:]) % 4 for slug in whole[len(ranks) :]] == [3] * (
            len(whole) - len(ranks)
        )
        assert harbour.seen(query) == whole
        for offset in range(len(whole) + 1):
            cut = f"{query}&page[size]=3&page[offset]={offset}"
            page = knock("GET", f"/cda/items?filter[type]=dock&{cut}").json["data"]
            assert [one["meta"]["slug"] for one in page] == whole[offset : offset + 3]


def test_a_locale_is_filtered_and_sorted_by(harbour: Harbour) -> None:
    """Localized properties are compared in the asked locale, or else in the default one."""
    harbour.make("a", motto={"en": "one", "de": "zwei"})
    harbour.make("b", motto={"en": "two", "de": "eins"})
    assert harbour.seen("filter[fields][motto]=one") == ["a"]
    assert harbour.seen("filter[fields][motto]=zwei") == []
    assert harbour.seen("filter[fields][motto]=zwei&locale=de") == ["a"]
    assert harbour.seen("sort=fields.motto") == ["a", "b"]
    assert harbour.seen("sort=fields.motto&locale=de") == ["b", "a"]


def test_delivery_finds_what_is_published(harbour: Harbour) -> None:
    """Values and words of a draft are found on no other surface, before and after (S33)."""
    dock = harbour.make("dock", name="old", published=False)
    both = ("filter[fields][name]=", "filter[query]=")

    def found(word: str, base: str) -> list[int]:
        return [len(harbour.seen(query + word, base)) for query in both]

    assert (found("old", "/cda"), found("old", "/cda/preview")) == ([0, 0], [1, 1])
    with harbour.garden.work() as work:
        publish(work, dock)
    with harbour.garden.work() as work:
        write.edit_entry(work, dock, {"name": "new"})
    assert (found("old", "/cda"), found("new", "/cda")) == ([1, 1], [0, 0])
    assert (found("old", "/cma"), found("new", "/cma")) == ([0, 0], [1, 1])
    with harbour.garden.work() as work:
        unpublish(work, dock)
    assert (found("old", "/cda"), found("new", "/cda")) == ([0, 0], [0, 0])
    harbour.garden.trash(dock)
    assert found("new", "/cma") == [0, 0]
    harbour.garden.restore(dock)
    assert found("new", "/cma") == [1, 1]


def test_full_text(harbour: Harbour) -> None:
    """All words must occur, anywhere in the content, whatever their case and accents."""
    harbour.make("a", name="The Éclair of Zürich", motto={"de": "Straße am Hafen"})
    harbour.make("b", name="zurich harbour", tags=["deep", "COLD"])
    harbour.make("c", name="日本語の港 o'clock re-use")
    for words, expected in (
        ("zurich", "ab"), ("ZÜRICH", "ab"), ("eclair", "a"), ("strasse", "a"), ("cold", "b"),
        ("zurich cold", "b"), ("zurich eclair cold", ""), ("harb", ""), ("harb*", "b"),
        ("haf* zur*", "a"), ("港", "c"), ("本語", "c"), ("clock", "c"), ("reuse", ""),
        ("re-use", "c"), ("nothing", ""), ('zurich" OR "cold', "b" * 0), ("'cold' | 'x'", ""),
    ):  # fmt: skip
        for base in BASES:
            found = harbour.seen(f"filter[query]={quote(words)}&sort=slug", base)
            assert "".join(found) == expected, words


def test_search_stays_inside(harbour: Harbour) -> None:
    """Filters and full text find nothing outside the roots, nor of another organization (S30)."""
    harbour.make("near", name="cold")
    harbour.make("far", harbour.outside, name="cold")
    visitor = token(harbour.inside)
    for query in ("filter[query]=cold", "filter[fields][name]=cold", "sort=fields.name"):
        assert harbour.seen(query, caller=visitor) == ["near"]
        assert sorted(harbour.seen(query)) == ["far", "near"]


def test_a_reference_is_no_word(harbour: Harbour) -> None:
    """The id of a hidden entry finds nothing: not as a word, and not in a filter (S30)."""
    far = harbour.make("far", harbour.outside)
    harbour.make("near", near=str(far), all_near=[str(far)])
    assert harbour.seen(f"filter[query]={far}") == []
    assert harbour.seen(f"filter[fields][near]={far}") == ["near"]
    visitor = token(harbour.inside)
    for id_ in (str(far), "1234567890123456", "x"):
        refused = harbour.refused(f"filter[type]=dock&filter[fields][near]={id_}", visitor)
        assert refused == (403, "OUTSIDE_ROOT_NODES")


def test_what_became_a_reference_is_no_word(plain: Harbour) -> None:
    """When a text of a type becomes a reference, its entries are no longer found by it (S30)."""
    far = plain.make("far", plain.outside)
    note = plain.garden.shaped("note", about={"type": "string"})
    plain.garden.told(plain.inside, note, "note", about=str(far))
    ask = f"/cda/items?filter[query]={far}"
    assert plain.garden.knock()("GET", ask).json["meta"]["total_count"] == 1
    with plain.garden.work() as work:
        body: dict[str, Any] = {"properties": {"about": {"x-reference": []}}}
        define_type.edit_content_type(work, note, body=body)
    assert plain.garden.knock()("GET", ask).json["meta"]["total_count"] == 0


def test_what_a_type_says_anew_is_bounded(
    harbour: Harbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What many entries hold becomes no reference at once; what is new may be one (S30)."""
    monkeypatch.setattr(indexing, "MOST_AGAIN", 2)
    note = harbour.garden.shaped("note", about={"type": "string"}, kind={"type": "string"})
    for number in range(3):
        harbour.garden.told(harbour.inside, note, f"n{number}", about="harbour")
    plain = {"about": {"type": "string"}, "kind": {"type": "string"}}
    refers = {"type": "string", "x-reference": []}
    path = f"/cma/item-types/{note}"

    def shaped(**properties: Any) -> Seen:
        body = {"type": "object", "properties": {**plain, **properties}}
        data = {"type": "item_type", "id": str(note), "attributes": {"body": body}}
        return harbour.garden.knock()("PATCH", path, {"data": data})

    refused = shaped(about=refers)
    assert (refused.status, refused.code) == (409, "CONFLICT")
    assert refused.json["errors"][0]["meta"] == {"properties": ["about"], "most": 2}
    every = "/cda/items?filter[type]=note&filter[query]=harbour"
    assert harbour.garden.knock()("GET", every).json["meta"]["total_count"] == 3
    assert shaped(kind=refers, more={"type": "string", "x-localized": True}).status == 200
    with harbour.garden.work() as work:
        tree.trash(work, harbour.inside)
    assert shaped(about=refers).status == 409  # what lies in the trash may come back


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("filter[fields][name]=x", "filter[type]"),
        ("sort=fields.name", "filter[type]"),
        ("filter[type]=dock&filter[fields][other]=x", "filter[fields][other]"),
        ("filter[type]=nothing&filter[fields][name]=x", "filter[fields][name]"),
        ("filter[type]=dock&filter[fields][name][like]=x", "filter[fields][name][like]"),
        ("filter[type]=dock&filter[fields][name][gt][lt]=x", "filter[fields][name][gt][lt]"),
        ("filter[type]=dock&filter[fields][]=x", "filter[fields][]"),
        ("filter[type]=dock&filter[fields]=x", "filter[fields]"),
        ("filter[type]=dock&filter[fields][rank]=x", "filter[fields][rank]"),
        ("filter[type]=dock&filter[fields][rank]=nan", "filter[fields][rank]"),
        ("filter[type]=dock&filter[fields][price][in]=1,", "filter[fields][price][in]"),
        ("filter[type]=dock&filter[fields][open]=1", "filter[fields][open]"),
        ("filter[type]=dock&filter[fields][open][gt]=true", "filter[fields][open][gt]"),
        ("filter[type]=dock&filter[fields][name][exists]=1", "filter[fields][name][exists]"),
        ("filter[type]=dock&filter[fields][tags]=x", "filter[fields][tags]"),
        (f"{OF}[tags][in]=x", "filter[fields][tags][in]"),
        (f"{OF}[tags][gt]=x", "filter[fields][tags][gt]"),
        (f"{OF}[name][has]=x", "filter[fields][name][has]"),
        (f"{OF}[near][has]=1", "filter[fields][near][has]"),
        (f"{OF}[ranks][has]=x", "filter[fields][ranks][has]"),
        (f"{OF}[ranks][has_any]=1,", "filter[fields][ranks][has_any]"),
        (f"{OF}[tags][has_all]=" + "1," * 10 + "1", "filter[fields][tags][has_all]"),
        (f"{OF}[tags][has]=" + "x" * 200, "filter[fields][tags][has]"),
        ("filter[type]=dock&filter[fields][near][exists]=true", "filter[fields][near][exists]"),
        ("filter[type]=dock&filter[fields][near][gt]=1", "filter[fields][near][gt]"),
        (f"{OF}[all_near][exists]=true", "filter[fields][all_near][exists]"),
        ("filter[type]=dock&filter[fields][name]=" + "x" * 200, "filter[fields][name]"),
        ("filter[type]=dock&filter[fields][name]=x&filter[fields][name]=y", "filter[fields][name]"),
        (f"{OF}[rank][in]=" + "1," * 51 + "1", "filter[fields][rank][in]"),
        ("&".join(f"{OF}[a{n}]=1" for n in range(11)), "filter[type]"),
        ("&".join(f"filter[fields][a{n}]=1" for n in range(11)), "filter[fields]"),
        ("filter[type]=dock&sort=fields.other", "sort"),
        ("filter[type]=dock&sort=fields.", "sort"),
        ("filter[type]=dock&sort=fields.tags", "sort"),
        ("filter[type]=dock&sort=fields.near", "sort"),
        ("filter[type]=dock&sort=name", "sort"),
        ("sort=slug,slug,slug,slug", "sort"),
        ("sort=", "sort"),
        ("filter[query]=", "filter[query]"),
        ("filter[query]=!!", "filter[query]"),
        ("filter[query]=" + "x" * 201, "filter[query]"),
        ("filter[query]=" + "x+" * 21, "filter[query]"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(plain: Harbour, query: str, parameter: str) -> None:
    """A filter or sort that makes no sense is a 400 that names its parameter (S39)."""
    assert plain.refused(query) == (400, parameter)


def test_a_type_outside_is_unknown(plain: Harbour) -> None:
    """Who meets no entry of a type is not told which properties it has (S30)."""
    plain.make("far", plain.outside, name="x")
    visitor = token(plain.inside)
    for type_ in ("dock", "nothing"):
        for query, parameter in (
            ("filter[fields][name]=x", "filter[fields][name]"),
            ("sort=fields.name", "sort"),
        ):
            refused = plain.refused(f"filter[type]={type_}&{query}", visitor)
            assert refused == (400, parameter)


def test_a_cursor_is_of_its_filter(plain: Harbour) -> None:
    """A cursor goes on in the list that it was made for, with its filters, and no other (S35)."""
    for number in range(4):
        plain.make(f"d{number}", rank=number, name="ü" * 300)
    base = "/cda/items?filter[type]=dock&page[size]=1&sort=-fields.name,fields.rank"
    knock = plain.garden.knock()
    link = knock("GET", f"{base}&filter[fields][rank][lt]=3").json["links"]["next"]
    assert knock("GET", link).status == 200
    for changed in (
        link.replace("%5Blt%5D", "%5Bgt%5D"),
        link.replace("-fields", "fields"),
        link.replace("rank%5D%5Blt%5D=3", "rank%5D%5Blt%5D=4"),
        link.replace("/cda/", "/cda/preview/"),
    ):
        assert changed != link
        assert knock("GET", changed).status == 400


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)))
def test_numbers_sort_as_their_spelling(numbers: list[float]) -> None:
    """The form in which a number is kept sorts as numbers do, and equal ones are spelled alike."""
    assert sorted(numbers, key=findable.spelled) == sorted(numbers)  # type: ignore[arg-type]
    for one in numbers:
        for other in numbers:
            assert (findable.spelled(one) == findable.spelled(other)) == (
                float(one) == float(other)
            )


@given(st.text(max_size=300))
def test_words_are_plain(text: str) -> None:
    """A word is made of letters and digits alone, and is found again as it is."""
    for word in findable.words_of(text):
        assert word.isalnum()
        assert len(word) <= 60 * 18


def test_many_marks_take_no_time(plain: Harbour) -> None:
    """A text made of nothing but accents is written like any other (S42)."""
    plain.make("marks", name="a" + "\u0301\u0316" * 20_000)
    assert plain.seen("filter[query]=a*") == ["marks"]


def test_surfaces_stay_apart(plain: Harbour) -> None:
    """A token of delivery alone filters and searches delivery, and nothing else (D9)."""
    plain.make("dock", name="x")
    reader = token(surfaces=Surface.DELIVERY.bit)
    assert plain.seen("filter[query]=x&sort=fields.name", caller=reader) == ["dock"]
    refused = plain.garden.knock(reader)("GET", "/cda/preview/items?filter[query]=x")
    assert refused.code == "API_NOT_ENABLED_FOR_TOKEN"
