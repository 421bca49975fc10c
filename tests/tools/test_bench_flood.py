"""The benchmark of floods: it floods with what is dearest to refuse, and judges what it finds."""

from __future__ import annotations

import pytest

from bench.flood import TARGETS, Took, is_met
from bench.pouring import nobodys
from counterfoil.secret import Kind, is_intact, kind_of


def test_each_token_of_a_flood_is_whole_and_another() -> None:
    """What nobody has is told from a revoked token by the books alone: it has kind and checksum."""
    minted = {nobodys() for _ in range(100)}
    assert len(minted) == 100
    assert {kind_of(one) for one in minted} == {Kind.PERSONAL}
    assert all(map(is_intact, minted))
    assert len(set(map(len, minted))) == 1


@pytest.mark.parametrize("what", TARGETS)
def test_what_is_wanted_is_judged(what: str) -> None:
    """One in a hundred may take longer than is wanted, and everybody has to be answered (R18)."""
    good, slow = [TARGETS[what]] * 200, TARGETS[what] + 0.1
    assert is_met(what, Took(good))
    assert is_met(what, Took([*good[1:], slow]))
    assert not is_met(what, Took([*good[3:], slow, slow, slow]))
    assert not is_met(what, Took(good, failed=1))
