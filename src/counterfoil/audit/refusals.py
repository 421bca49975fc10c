"""Refusals of nobody in particular: counted by minute and neighbourhood, never listed.

Who does not verify is nobody, so there is no trail to keep of them; and anybody can be refused as
often as they like, so a row for each would be a gift. What is kept is how many, when, and from
which network: /24 of IPv4, /56 of IPv6 (CONTRACT: audit). Too many requests are counted here too.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy import Column, Connection, Integer, String, Table, insert, update

from counterfoil.kernel.clock import Clock
from counterfoil.kernel.networks import network_of
from counterfoil.runtime.database import Database, Instant, metadata

_INTERVAL_S: Final = 2.0
_MOST: Final = 4_096
ELSEWHERE: Final = "elsewhere"
"""The neighbourhood of what has no address, and of all beyond the first 4,096 in one turn."""

table: Final = Table(
    "audit_refusal",
    metadata,
    Column("minute", Instant, primary_key=True),
    Column("neighbourhood", String(64), primary_key=True),
    Column("status", Integer, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
)

log = structlog.get_logger(__name__)


def neighbourhood(address: str) -> str:
    """Return the network that an address belongs to."""
    return network_of(address, v4_bits=24, v6_bits=56) or ELSEWHERE


class Refusals:
    """Counts in memory, and a thread that carries the counts into the database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._counts: Counter[tuple[datetime, str, int]] = Counter()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to write in the background; after the fork."""
        self._thread = threading.Thread(target=self._run, name="audit-refusals", daemon=True)
        self._thread.start()

    def count(self, address: str, status: int) -> None:
        """Count one refusal."""
        minute = self._clock().replace(second=0, microsecond=0)
        key = (minute, neighbourhood(address), status)
        with self._lock:
            if key not in self._counts and len(self._counts) >= _MOST:
                key = (minute, ELSEWHERE, status)
            self._counts[key] += 1

    def flush(self) -> None:
        """Carry the counts into the database, in one transaction."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            with self._database.transaction() as tx:
                for (minute, place, status), number in sorted(counts.items()):
                    _add(tx, minute, place, status, number)
        except BaseException:
            with self._lock:
                self._counts.update(counts)
            raise

    def close(self) -> None:
        """Stop the thread and write the rest."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self.flush()

    def _run(self) -> None:
        while not self._stop.wait(_INTERVAL_S):
            try:
                self.flush()
            except Exception as error:  # noqa: BLE001 - the next turn tries again
                log.warning("counts of refusals wait", error=type(error).__name__)


def _add(tx: Connection, minute: datetime, place: str, status: int, number: int) -> None:
    here = (
        (table.c.minute == minute) & (table.c.neighbourhood == place) & (table.c.status == status)
    )
    raised = tx.execute(update(table).where(here).values(count=table.c["count"] + number))
    if raised.rowcount == 0:
        row = {"minute": minute, "neighbourhood": place, "status": status, "count": number}
        tx.execute(insert(table).values(row))
