"""Quarantine: a database that was restored opens nothing until somebody says what is revoked (R12).

What the copy does not know was done since: a token may be revoked, a role narrowed, a person shut
out. So the database begins another life, an epoch, far beyond every position that the one before
can have given, and every replica that meets the new epoch is built anew from what is there now.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Row, select, update

from counterfoil.feed.event import EpochRecorded
from counterfoil.feed.outbox import head

EPOCH: Final = 1_000_000
"""An epoch begins at so many times its number: an earlier one has told fewer events a second."""
_FIRST: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""Epochs are numbered by the seconds since, so that two copies of one database never begin one."""

_HEAD: Final = select(
    head.c.epoch,
    head.c.position,
    head.c.quarantined_at,
    head.c.restored_position,
    head.c.restored_at,
    head.c.tail_position,
    head.c.tail_at,
)


class Quarantine(NamedTuple):
    """Since when nothing opens, and what is known of what the copy lacks.

    Attributes:
        began_at: when the copy was put in its place.
        position: where the feed ended in it, and `at`, the instant of its last event.
        tail: up to where it was told since what had taken power away, and `tail_at` the instant of
            the last of it; None if it was told nothing.
    """

    began_at: datetime
    position: int
    at: datetime | None
    tail: int | None
    tail_at: datetime | None


def read(tx: Connection) -> Quarantine | None:
    """Return the quarantine that a database is in; None if it is in none."""
    row = _head(tx)
    if row.quarantined_at is None:
        return None
    return Quarantine(
        row.quarantined_at, row.restored_position, row.restored_at, row.tail_position, row.tail_at
    )


def begin(
    tx: Connection, now: datetime, last_at: datetime | None, beyond: int = 0
) -> EpochRecorded:
    """Begin another epoch, in quarantine and `beyond` a position; return what the gates are told.

    What is in one already stays in that, with what it was told.
    """
    row = _head(tx, hold=True)
    epoch = _next(row, now, beyond)
    tx.execute(
        update(head).values(
            epoch=epoch,
            position=epoch * EPOCH,
            quarantined_at=now,
            restored_position=row.position if row.quarantined_at is None else row.restored_position,
            restored_at=last_at if row.quarantined_at is None else row.restored_at,
        )
    )
    return EpochRecorded(epoch=epoch, quarantined=True)


def told(tx: Connection, position: int, at: datetime | None) -> None:
    """Keep up to where the database was told what the copy lacks."""
    tx.execute(update(head).values(tail_position=position, tail_at=at))


def end(tx: Connection, now: datetime) -> EpochRecorded:
    """Begin another epoch, out of quarantine; return what the gates are told.

    So each of them is built anew, from what is there now that all is said.
    """
    row = _head(tx, hold=True)
    nothing = dict.fromkeys(
        ("quarantined_at", "restored_position", "restored_at", "tail_position", "tail_at")
    )
    epoch = _next(row, now, 0)
    tx.execute(update(head).values(epoch=epoch, position=epoch * EPOCH, **nothing))
    return EpochRecorded(epoch=epoch, quarantined=False)


def records(tx: Connection) -> Iterator[EpochRecorded]:
    """Yield what a gate must know of the epoch, beside its number."""
    row = _head(tx)
    if row.quarantined_at is not None:
        yield EpochRecorded(epoch=row.epoch, quarantined=True)


def _next(row: Row[*tuple[Any, ...]], now: datetime, beyond: int) -> int:
    """Return the number of the next epoch: later than every other, by the clock and by its feed."""
    told = max(row.position, beyond) // EPOCH
    last: int = max(row.epoch, told, int((now - _FIRST).total_seconds()))
    return last + 1


def _head(tx: Connection, *, hold: bool = False) -> Row[*tuple[Any, ...]]:
    return tx.execute(_HEAD.with_for_update() if hold else _HEAD).one()
