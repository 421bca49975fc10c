"""The office's books as a replica reads them, from wherever they come."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from counterfoil.feed.event import AnyEvent


class Inventory(NamedTuple):
    """All that is true at one position, in one life of the database."""

    epoch: int
    position: int
    records: Iterable[AnyEvent]


class Source(Protocol):
    """Tells what happened, and what is."""

    def read_after(self, position: int, limit: int) -> list[tuple[int, AnyEvent]]:
        """Return up to `limit` events after a position, in order."""
        ...

    def inventory(self) -> AbstractContextManager[Inventory]:
        """See the books in one state; the records are read while the context is open."""
        ...
