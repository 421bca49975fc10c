"""How long before its end a token's holder is told, as a set of bits: one for each reminder."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from sqlalchemy import ColumnElement

from counterfoil.tokens.store.tables import tokens

_BITS: Final = MappingProxyType({30: 1, 7: 2, 1: 4})


def written(days: Iterable[int]) -> int:
    """Return reminders as their column keeps them."""
    return sum(_BITS[one] for one in days)


def read(kept: int) -> frozenset[int]:
    """Read reminders from what their column holds."""
    return frozenset(days for days, bit in _BITS.items() if kept & bit)


def wants(days: int) -> ColumnElement[bool]:
    """Say in SQL that a token's holder is told so many days before its end."""
    return tokens.c.reminders.bitwise_and(_BITS[days]) != 0
