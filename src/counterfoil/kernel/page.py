"""Pages: lists are read a piece at a time, by a cursor that names the last row seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from counterfoil.kernel.errors import Code, Malformed

T = TypeVar("T")

DEFAULT_SIZE: Final = 30
LARGEST: Final = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which piece of a list is asked for: at most `size` rows, after the row `after` names."""

    size: int = DEFAULT_SIZE
    after: str | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A piece of a list; `after` names its last row if there are more, `total` counts them all."""

    items: Sequence[T]
    after: str | None = None
    total: int | None = None


_DIGITS: Final = 18


def number(cursor: str) -> int:
    """Read a cursor that is a whole number, or raise Malformed."""
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= _DIGITS):
        raise Malformed(
            Code.INVALID_REQUEST, "This is no cursor of ours.", meta={"parameter": "page[after]"}
        )
    return int(cursor)
