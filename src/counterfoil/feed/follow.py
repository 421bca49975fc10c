"""The feed as the replica of a host follows it: read out of the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection

from counterfoil.feed import outbox
from counterfoil.feed.event import AnyEvent
from counterfoil.feed.source import Inventory
from counterfoil.runtime.database import Database
from counterfoil.runtime.embedded import each_at_all


class Outbox:
    """The office's books, for a replica.

    Args:
        database: where they are.
        records: reads the events that describe the present state, from all slices.
    """

    def __init__(
        self, database: Database, records: Callable[[Connection], Iterable[AnyEvent]]
    ) -> None:
        self._database = database
        self._records = records

    def read_after(self, position: int, limit: int) -> list[tuple[int, AnyEvent]]:
        """Return up to `limit` events after a position, in order.

        Raises:
            UnknownEventError: for one that this version cannot read.
        """
        with self._database.glance() as tx:
            return outbox.read_after(tx, position, limit)

    def read_tied(
        self, position: int, limit: int
    ) -> tuple[list[tuple[int, AnyEvent]], Mapping[int, bytes]]:
        """Return the same, and the chain of the feed where it is known.

        Raises:
            UnknownEventError: as `read_after` says.
        """
        with self._database.glance() as tx:
            return outbox.read_tied(tx, position, limit)

    def chain_at(self, position: int) -> bytes:
        """Return the chain at a position; UNKNOWN where nobody can say."""
        with self._database.glance() as tx:
            return outbox.chain_at(tx, position)

    @contextmanager
    def inventory(self) -> Iterator[Inventory]:
        """See the books in one state; the records are read while the context is open."""
        with self._database.reading() as tx:
            heads = outbox.read_head(tx)
            chain = outbox.chain_at(tx, heads.position)
            yield Inventory(heads.epoch, heads.position, each_at_all(tx, self._records), chain)
