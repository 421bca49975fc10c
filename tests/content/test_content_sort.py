"""Sorts by properties, and the pages of what is sorted."""

from __future__ import annotations

from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.content import findable
from support.content import token
from support.harbour import BASES, Harbour


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
