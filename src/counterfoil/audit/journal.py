"""Reads go on record too, but not in the reader's time.

A read's entry waits here for at most a second and is then written with its neighbours; an ordinary
crash may lose that second (CONTRACT: audit). Where an organization is strict, the entries of its
reads are written before the answer (R16).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from sqlalchemy import select

from counterfoil.audit.record import Entry, entries, write
from counterfoil.feed.outbox import advance
from counterfoil.kernel.ids import OrganizationId
from counterfoil.runtime.database import Database
from counterfoil.runtime.witness import NOBODY

Strict: TypeAlias = Callable[[OrganizationId], bool]

EVERY_S: Final = 0.5
"""How often what waits is written."""
_BATCH: Final = 2_000
FULL: Final = 20_000
"""So many entries may wait; then no read is answered before its own could be written."""


def always(_organization: OrganizationId) -> bool:
    """Be strict in every organization."""
    return True


def never(_organization: OrganizationId) -> bool:
    """Be strict in none."""
    return False


class Journal:
    """Entries on their way into the audit log, in the order in which they came.

    Somebody calls `flush` every so often, and once more at the end.
    """

    def __init__(self, database: Database, *, strict: Strict = never, full: int = FULL) -> None:
        self._database = database
        self._strict = strict
        self._full = full
        self._waiting: list[Entry] = []
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._doubted = False

    def put(self, written: Sequence[Entry]) -> None:
        """Take entries in. Nothing is ever dropped: a full journal makes the reader wait.

        Raises:
            SQLAlchemyError: if an entry that may not wait cannot be written. Where the journal is
                full it is not taken in either, and whoever read is not answered.
        """
        if written and len(self._waiting) >= self._full:
            self.flush()
        with self._lock:
            self._waiting.extend(written)
        for entry in written:
            if self._strict(entry.caller.organization):
                self.flush()
                return

    def doubt(self) -> None:
        """Take in that something could not be committed, with its entry.

        The next flush finds out whether anything can be now, even if nothing waits: so a host that
        can put nothing on record knows it, and knows when it can again.
        """
        self._doubted = True

    def flush(self) -> None:
        """Write all that waits, now; what cannot be written goes on waiting."""
        with self._writing:
            if self._doubted:
                self._find_out()
            while batch := self._next():
                try:
                    self._write(batch)
                except BaseException:
                    with self._lock:
                        self._waiting[:0] = batch
                    raise

    def _find_out(self) -> None:
        self._doubted = False
        try:
            with self._database.transaction(NOBODY) as tx:
                advance(tx, events=0, entries=0)
                tx.execute(select(entries.c.position).limit(1))
        except BaseException:
            self._doubted = True
            raise

    def _next(self) -> list[Entry]:
        with self._lock:
            batch = self._waiting[:_BATCH]
            del self._waiting[:_BATCH]
            return batch

    def _write(self, batch: Sequence[Entry]) -> None:
        with self._database.transaction(NOBODY) as tx:
            heads = advance(tx, events=0, entries=len(batch))  # which lets one process in at a time
            write(tx, heads.audit_position, batch)
