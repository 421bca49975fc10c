"""Pages: lists are read a piece at a time, by a cursor that names the last row seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

    @classmethod
    def cut(
        cls,
        found: Sequence[T],
        wanted: Wanted,
        last: Callable[[T], object],
        total: int | None = None,
    ) -> Page[T]:
        """Return the page of what was found by asking for one row more than is wanted.

        Args:
            found: up to `size + 1` rows, of which the one too many tells that there are more.
            wanted: what was asked for.
            last: what names a row, for the cursor.
            total: how many rows there are on all pages.
        """
        items = found[: wanted.size]
        after = str(last(items[-1])) if len(found) > wanted.size else None
        return cls(items, after, total)


_DIGITS: Final = 18


def number(cursor: str) -> int:
    """Read a cursor that is a whole number, or raise Malformed."""
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= _DIGITS):
        raise unknown_cursor()
    return int(cursor)


def unknown_cursor() -> Malformed:
    """The one answer for a cursor that is none, and for one that names nothing in the list."""
    return Malformed(
        Code.INVALID_REQUEST, "The cursor is unknown.", meta={"parameter": "page[after]"}
    )
