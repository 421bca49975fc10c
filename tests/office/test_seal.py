"""The seal itself: what it is over, and how."""

from __future__ import annotations

import hmac
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.runtime.seal import Seal, spelled

SAID = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=12,
).map(lambda one: [one])


@given(st.binary(min_size=1, max_size=100), SAID)
def test_it_is_hmac(key: bytes, said: list[Any]) -> None:
    """A seal is HMAC-SHA-256 over its purpose and what is said: as those that were written are."""
    told = b"counterfoil/seal/v1\0" + msgspec.msgpack.encode(said, order="deterministic")
    assert Seal(key).over(said) == hmac.digest(key, told, "sha256")


@given(SAID, SAID)
def test_a_part_that_is_spelled(one: list[Any], other: list[Any]) -> None:
    """A part that was spelled before is sealed as if it were said."""
    seal = Seal(bytes(32))
    assert seal.over([spelled(one), other]) == seal.over([one, other])
    assert seal.holds(seal.over([one, other]), [one, spelled(other)])
