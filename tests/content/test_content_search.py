"""The full text: which words find an entry, and which never do."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.access.surface import Surface
from counterfoil.content import define_type, findable, publish, tree, write
from counterfoil.content.publish import unpublish
from counterfoil.content.steps import indexing
from support.content import token
from support.doors import Seen
from support.harbour import BASES, Harbour


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


def test_search_stays_inside(harbour: Harbour) -> None:
    """Filters and full text find nothing outside the roots, nor of another organization (S30)."""
    harbour.make("near", name="cold")
    harbour.make("far", harbour.outside, name="cold")
    visitor = token(harbour.inside)
    for query in ("filter[query]=cold", "filter[fields][name]=cold", "sort=fields.name"):
        assert harbour.seen(query, caller=visitor) == ["near"]
        assert sorted(harbour.seen(query)) == ["far", "near"]


def test_surfaces_stay_apart(plain: Harbour) -> None:
    """A token of delivery alone filters and searches delivery, and nothing else (D9)."""
    plain.make("dock", name="x")
    reader = token(surfaces=Surface.DELIVERY.bit)
    assert plain.seen("filter[query]=x&sort=fields.name", caller=reader) == ["dock"]
    refused = plain.garden.knock(reader)("GET", "/cda/preview/items?filter[query]=x")
    assert refused.code == "API_NOT_ENABLED_FOR_TOKEN"


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
