"""The office's books as a replica reads them, from wherever they come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from counterfoil.feed.chain import UNKNOWN
from counterfoil.feed.event import AnyEvent


class Sheets(NamedTuple):
    """The rows of a replica's books, some of one book at a time, and what they all add up to."""

    rows: Iterable[tuple[str, Sequence[tuple[bytes, bytes]]]]
    sum: int


class Inventory(NamedTuple):
    """All that is true at one position, in one life of the database, and the chain there.

    It is told in records, or in the rows that a replica would make of them.
    """

    epoch: int
    position: int
    records: Iterable[AnyEvent]
    chain: bytes = UNKNOWN
    sheets: Sheets | None = None


class Source(Protocol):
    """Tells what happened, and what is."""

    def read_after(self, position: int, limit: int) -> list[tuple[int, AnyEvent]]:
        """Return up to `limit` events after a position, in order."""
        ...

    def read_tied(
        self, position: int, limit: int
    ) -> tuple[list[tuple[int, AnyEvent]], Mapping[int, bytes]]:
        """Return the same, and the chain of the feed at each position where it is known."""
        ...

    def inventory(self) -> AbstractContextManager[Inventory]:
        """See the books in one state; the records are read while the context is open."""
        ...


class Untied:
    """A source that knows of no chain."""

    def read_after(self, position: int, limit: int) -> list[tuple[int, AnyEvent]]:
        """Return what comes after a position; here nothing does."""
        del position, limit
        return []

    def read_tied(
        self, position: int, limit: int
    ) -> tuple[list[tuple[int, AnyEvent]], Mapping[int, bytes]]:
        """Return the same, and no chain."""
        return self.read_after(position, limit), {}
