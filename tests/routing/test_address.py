"""The one reading of an address: whatever could be read in two ways is read in none."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from counterfoil.routing.address import MOST_CHARS, UnreadableError, parameter, read

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "addresses.json").read_text())


@pytest.mark.parametrize("case", VECTORS["read"], ids=lambda case: case["target"])
def test_a_plain_address_is_read(case: dict[str, object]) -> None:
    """What everybody reads alike is read: its steps are decoded once, its query is left alone."""
    target = str(case["target"])
    address = read(target)
    assert list(address.steps) == case["steps"]
    assert address.query == target.partition("?")[2]


@pytest.mark.parametrize(
    "case", VECTORS["refused"], ids=lambda case: f"{case['why']}: {case['target']!r}"
)
def test_an_ambiguous_address_is_refused(case: dict[str, str]) -> None:
    """What another program could read as another address is read as none (S51)."""
    with pytest.raises(UnreadableError):
        read(case["target"])


def test_an_endless_address_is_refused() -> None:
    """Neither length nor depth costs more than a look: both have an end."""
    for target in ("/" + "a" * MOST_CHARS, "/a" * 33, "/" + "%41" * MOST_CHARS):
        with pytest.raises(UnreadableError):
            read(target)


WILD = st.text(
    st.sampled_from([*"/.%;?#\\ aA2fF5cCeE0+~&=", "\x00", "\x7f", "\u00e9", "\uff0f", "\u202e"]),
    max_size=24,
)


@given(WILD | st.text(max_size=40))
@example("/%2e%2e%2f")
def test_no_address_has_a_second_reading(target: str) -> None:
    """Whatever is read survives a second decoding and a second splitting."""
    try:
        steps = read(target).steps
    except UnreadableError:
        return
    for place, step in enumerate(steps):
        assert unquote(step) == step
        assert not set("/\\;?#\x00") & set(step)
        assert not step.endswith((".", " "))
        assert step or place == len(steps) - 1
        assert step.isprintable()


STEP = st.text(
    st.characters(codec="ascii", categories=("L", "N")) | st.sampled_from("-_~"), min_size=1
)


@given(st.lists(STEP, min_size=1, max_size=8))
def test_an_escaped_address_is_the_plain_one(steps: list[str]) -> None:
    """However letters are escaped, an address means the same."""
    plain = "/" + "/".join(steps)
    escaped = "/" + "/".join("".join(f"%{ord(letter):02x}" for letter in one) for one in steps)
    assert read(plain).steps == read(escaped).steps == tuple(steps)


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("page=12", "12"),
        ("a=1&page=12&b", "12"),
        ("page=a%20b", "a b"),
        ("page=a+b", "a b"),
        ("%70age=12", "12"),
        ("page=", ""),
        ("page", ""),
        ("pages=1", None),
        ("", None),
    ],
)
def test_a_parameter_is_read_once(query: str, value: str | None) -> None:
    """A parameter of the query that stands there once is read, decoded once."""
    assert parameter(query, "page") == value


@pytest.mark.parametrize(
    "query",
    [
        "page=1&page=2",
        "page=1&page=1",
        "page=1&Page=2",
        "PAGE=2",
        "page[]=2",
        "page[0]=2&page=1",
        "page=1&%70age=2",
        "page=1&pag%65=2",
        "page=1;page=2",
        "a=1;page=2",
        "page=1&page%20=2",
        "page=%zz",
        "page=%ff",
        "page=1&%EF%BD%90age=2",
    ],
)
def test_a_parameter_is_not_read_in_two_ways(query: str) -> None:
    """A parameter that one reader finds once and another twice, or elsewhere, is refused (S51)."""
    with pytest.raises(UnreadableError):
        parameter(query, "page")


@given(st.text(max_size=20))
def test_what_is_escaped_comes_back(value: str) -> None:
    """Whatever a query escapes is what its reader gets."""
    try:
        assert parameter(f"page={quote(value, safe='')}", "page") == value
    except UnicodeEncodeError:  # a lone surrogate is no text that anybody could send
        return
