"""The tokens of one key-and-secret pair share a budget."""

from __future__ import annotations

from msgspec.structs import replace

from counterfoil.kernel.ids import TokenId
from support.office import session

PAIR = TokenId(1_000_000_000_000_900)


def test_a_pairs_tokens_share_a_budget() -> None:
    """A new token of a pair begins no new window: both count as the pair (S42)."""
    first = replace(session(1_000_000_000_000_001), token=TokenId(1), parent=PAIR)
    second = replace(first, token=TokenId(2))
    assert first.counted_as == second.counted_as == PAIR
    assert replace(first, parent=None).counted_as == TokenId(1)
