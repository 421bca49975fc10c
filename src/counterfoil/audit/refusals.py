"""Refusals of nobody in particular: counted by minute and neighbourhood, never listed.

Who does not verify is nobody, so there is no trail to keep of them; and anybody can be refused as
often as they like, so a row for each would be a gift. What is kept is how many, when, and from
which network: /24 of IPv4, /56 of IPv6 (CONTRACT: audit). Too many requests are counted here too.

However many networks somebody commands, a minute has so many rows and no more, and a month later
they go: so nobody can fill a disk by being refused, not in a month of trying.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Column, Connection, Integer, String, Table, delete, select

from counterfoil.kernel.clock import Clock, instant, micros
from counterfoil.kernel.networks import network_of
from counterfoil.kernel.page import Page, Wanted, number, unknown_cursor
from counterfoil.runtime.database import Database, Instant, insert_or, metadata
from counterfoil.runtime.witness import NOBODY

EVERY_S: Final = 2.0
"""How often the counts are carried into the database."""

_MOST: Final = 4_096  # in memory, in one turn
PER_MINUTE: Final = 64
"""So many neighbourhoods of a minute have a row of their own, the busiest of each turn first."""
KEPT: Final = timedelta(days=30)
ELSEWHERE: Final = "elsewhere"
"""The neighbourhood of what has no address, and of all that found no room."""

table: Final = Table(
    "audit_refusal",
    metadata,
    Column("minute", Instant, primary_key=True),
    Column("neighbourhood", String(64), primary_key=True),
    Column("status", Integer, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Minute:
    """Who was refused within a minute: neighbourhood, status and how often, the busiest first."""

    at: datetime
    counts: tuple[tuple[str, int, int], ...]

    @property
    def total(self) -> int:
        """How many refusals there were."""
        return sum(count for _, _, count in self.counts)


def neighbourhood(address: str) -> str:
    """Return the network that an address belongs to."""
    return network_of(address, v4_bits=24, v6_bits=56) or ELSEWHERE


class Refusals:
    """Counts in memory, until somebody calls `flush`: every so often, and once more at the end."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._counts: Counter[tuple[datetime, str, int]] = Counter()
        self._lock = threading.Lock()

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
            with self._database.transaction(NOBODY) as tx:
                for minute in sorted({key[0] for key in counts}):
                    _add(
                        tx,
                        minute,
                        Counter(
                            {key[1:]: number for key, number in counts.items() if key[0] == minute}
                        ),
                    )
        except BaseException:
            with self._lock:
                self._counts.update(counts)
            raise


def sweep(database: Database, now: datetime) -> None:
    """Forget what was counted over a month ago."""
    with database.transaction(NOBODY) as tx:
        tx.execute(delete(table).where(table.c.minute < now - KEPT))


def minutes(
    tx: Connection, wanted: Wanted, since: datetime | None = None, before: datetime | None = None
) -> Page[Minute]:
    """Return the minutes in which somebody was refused, the latest first.

    The cursor is the last minute seen, in microseconds.

    Raises:
        Malformed: for a cursor that is none.
    """
    chosen = select(table.c.minute).distinct().order_by(table.c.minute.desc())
    if since is not None:
        chosen = chosen.where(table.c.minute >= since)
    if before is not None:
        chosen = chosen.where(table.c.minute < before)
    if wanted.after is not None:
        chosen = chosen.where(table.c.minute < _minute(wanted.after))
    there = tx.scalars(chosen.offset(wanted.offset).limit(wanted.size + 1)).all()
    page = Page.cut(there, wanted, micros)
    counts: dict[datetime, list[tuple[str, int, int]]] = defaultdict(list)
    often = table.c["count"]
    busiest = (
        select(table.c.minute, table.c.neighbourhood, table.c.status, often.label("often"))
        .where(table.c.minute.in_(page.items))
        .order_by(often.desc(), table.c.neighbourhood, table.c.status)
    )
    for row in tx.execute(busiest):
        counts[row.minute].append((row.neighbourhood, row.status, row.often))
    return Page([Minute(at, tuple(counts[at])) for at in page.items], page.after)


def _minute(cursor: str) -> datetime:
    try:
        return instant(number(cursor))
    except (ValueError, OverflowError):
        raise unknown_cursor() from None


def _add(tx: Connection, minute: datetime, counts: Counter[tuple[str, int]]) -> None:
    """Add counts of one minute to what is known of it, in as many rows as it may have."""
    there = select(table.c.neighbourhood, table.c.status).where(table.c.minute == minute)
    known = {(row.neighbourhood, row.status) for row in tx.execute(there)}
    kept: Counter[tuple[str, int]] = Counter()
    for (place, status), count in counts.most_common():
        if (place, status) in known or len(known) < PER_MINUTE:
            known.add((place, status))
            kept[place, status] += count
        else:
            kept[ELSEWHERE, status] += count
    new = insert_or(tx, table)
    added = new.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={"count": table.c["count"] + new.excluded["count"]},
    )
    tx.execute(
        added,
        [
            {"minute": minute, "neighbourhood": place, "status": status, "count": count}
            for (place, status), count in sorted(kept.items())
        ],
    )
