"""Laws of what comes in: whatever the bytes, there is an answer, and it is never 5xx."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.jsonapi.body import DEEPEST, Body, read_form, read_json
from counterfoil.jsonapi.query import Query
from counterfoil.kernel.errors import Invalid, Malformed


class Inner(Body, frozen=True):
    name: str
    number: int | None = None
    parts: tuple[str, ...] = ()


class Outer(Body, frozen=True):
    data: Inner


KEYS = st.sampled_from(["data", "name", "number", "parts", "other", "a/b", "~"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
OUTER = st.fixed_dictionaries(
    {
        "data": st.fixed_dictionaries(
            {"name": TEXT},
            optional={
                "number": st.none() | st.integers(-(2**53), 2**53),
                "parts": st.lists(TEXT, max_size=4),
            },
        )
    }
)
"""What Outer reads, with or without what may be left out."""
FORMS = st.lists(st.tuples(st.sampled_from("abü&"), st.text(max_size=4)), max_size=4)


def _read(raw: bytes) -> Outer | None:
    pointer = "/"
    found: Outer | None = None
    try:
        found = read_json(raw, Outer)
    except Invalid as error:
        pointer = error.field or "/"
    assert pointer.startswith("/")
    return found


@given(st.binary(max_size=400))
def test_any_bytes(raw: bytes) -> None:
    """Any bytes are a struct or a refusal, and nothing else (S38)."""
    _read(raw)


@given(JSON)
def test_any_json(value: object) -> None:
    """Any JSON is a struct or a refusal that points into it (S38)."""
    _read(json.dumps(value).encode())


@given(OUTER)
def test_what_passes_is_plain(value: dict[str, Any]) -> None:
    """What passes is what every strict reader reads, and nothing is made of it (S38)."""
    raw = json.dumps(value).encode()
    found = _read(raw)
    assert found is not None
    plain = {"number": None, "parts": (), **json.loads(raw)["data"]}
    assert found == Outer(Inner(plain["name"], plain["number"], tuple(plain["parts"])))


@given(OUTER, st.data())
def test_what_is_not_ours_is_refused(value: dict[str, Any], data: st.DataObject) -> None:
    """One member more, of any name and at any place, and it passes no more (S38)."""
    place, ours = data.draw(st.sampled_from([(value, Outer), (value["data"], Inner)]))
    fields = ours.__struct_fields__
    place[data.draw(KEYS.filter(lambda name: name not in fields))] = data.draw(JSON)
    assert _read(json.dumps(value).encode()) is None


@given(st.integers(0, 60), st.booleans())
def test_depth(levels: int, objects: bool) -> None:  # noqa: FBT001 - drawn
    """32 levels are read, and not one more, in arrays and in objects (S38)."""
    opening, closing = (b'{"a":', b"}") if objects else (b"[", b"]")
    raw = opening * levels + b"1" + closing * levels
    with pytest.raises(Invalid) as raised:
        read_json(raw, Outer)
    assert (type(raised.value) is Malformed) == (levels > DEEPEST)


@given(st.text(max_size=80))
def test_any_query(text: str) -> None:
    """Any query string is read or refused (S39)."""
    try:
        query = Query.parse(text, ("a", "page[size]", "page[after]"))
        query.page()
        query.many("a")
        query.boolean("a")
    except Malformed:
        pass


@given(st.binary(max_size=80) | FORMS.map(lambda pairs: urlencode(pairs).encode()))
def test_any_form(raw: bytes) -> None:
    """Any form is read, with every field once, or refused (S38)."""
    try:
        form = read_form(raw)
    except Malformed:
        return
    pairs = parse_qsl(raw.decode(), keep_blank_values=True)
    assert len(form) == len(pairs)
    assert list(form.items()) == pairs
    assert all("\0" not in name + value for name, value in pairs)


def test_forms() -> None:
    """A field that is given twice is refused, an empty form is empty (S38)."""
    assert read_form(b"") == {}
    assert read_form(b"a=1&b=%C3%BC+x") == {"a": "1", "b": "ü x"}
    for raw in (b"a=1&a=2", b"a=%00", b"a=%ff", b"a", "a=ü".encode()):
        with pytest.raises(Malformed):
            read_form(raw)


def test_queries() -> None:
    """Values come back as they were given, many of them by comma or repetition (S39)."""
    query = Query.parse("a=x,y&a=z&filter[b][]=1&page[size]=5&page[offset]=10",
                        ("a", "filter[b]", "page[size]", "page[offset]"))  # fmt: skip
    assert query.many("a") == ("x", "y", "z")
    assert query.many("filter[b]") == ("1",)
    assert (query.page().size, query.page().offset) == (5, 10)
    with pytest.raises(Malformed):
        query.text("a")
    with pytest.raises(Malformed):
        Query.parse("a[]=1", ("a",))  # no spelling of OAuth's parameters is another's
    with pytest.raises(Malformed):
        Query.parse("page[size]=1&page[limit]=1", ("page[size]", "page[limit]")).page()
    assert Query.parse("c=true", ("c",)).boolean("c") is True
    assert Query.parse("", ()).boolean("c") is None
