"""What this host was told last of everything: its replica, as the sweep asks it (S5)."""

from __future__ import annotations

from counterfoil.feed.chain import ForkedError
from counterfoil.feed.codec import UnknownEventError
from counterfoil.feed.event import AnyEvent
from counterfoil.feed.source import Source
from counterfoil.gate.replica import GapError, Replica
from counterfoil.gate.replica.exceeding import exceeds


class Remembered:
    """The replica of this host as a `Known`, and the books that it follows."""

    def __init__(self, replica: Replica, books: Source) -> None:
        self._replica = replica
        self._books = books

    def exceeded_by(self, event: AnyEvent) -> bool:
        """Say whether an event would have the gate of this host open more than it does."""
        replica = self._replica
        return replica.read(lambda txn: exceeds(replica.books, txn, event))

    def reach(self, position: int) -> bool:
        """Follow the feed up to there; one that cannot be followed is said elsewhere."""
        try:
            return self._replica.catch_up(self._books, position) >= position
        except (GapError, ForkedError, UnknownEventError):
            return False
