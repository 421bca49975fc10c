"""Whole tables, read side by side."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.runtime.stream import Beside

IDS = st.lists(st.integers(0, 8), max_size=20).map(sorted)


@given(IDS, IDS)
def test_what_hangs_on_an_id(asked: list[int], held: list[int]) -> None:
    """Each id has all rows that hang on it, also if it is asked for again, and no others."""
    rows = list(enumerate(held))
    beside = Beside(iter([(id_, place) for place, id_ in rows]))
    for id_ in asked:
        assert beside.of(id_) == [(id_, place) for place, one in rows if one == id_]
