"""Ids: drawn, spelled and read."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.kernel import ids
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import Prefix


@given(st.integers())
def test_a_drawn_id_is_whole_in_every_json_reader(seed: int) -> None:
    """Ids lie in [10**15, 2**53 - 1]: sixteen digits that no double rounds (S26)."""
    id_ = ids.new_id(random.Random(seed).randbytes)
    assert 10**15 <= id_ <= 2**53 - 1
    assert int(float(id_)) == id_


@given(st.integers(ids.LOWEST, ids.HIGHEST), st.sampled_from(Prefix))
def test_both_spellings_are_read(id_: int, prefix: Prefix) -> None:
    """`tok_123…` and `123…` name the same thing; another prefix names nothing."""
    assert ids.read(prefix, str(id_)) == ids.read(prefix, ids.spell(prefix, id_)) == id_
    for other in set(Prefix) - {prefix}:
        with pytest.raises(NotFound):
            ids.read(prefix, ids.spell(other, id_))


@given(st.text())
def test_what_cannot_be_an_id_is_not_found(text: str) -> None:
    """A malformed id and an unknown one are the same to the outside."""
    if not (text.isascii() and text.isdigit() and len(text) == 16):
        with pytest.raises(NotFound):
            ids.read(Prefix.TOKEN, text)
