"""An audit trail to look at: entries by the hundred."""

from __future__ import annotations

from typing import Any, Final

from msgspec import UNSET
from sqlalchemy import ColumnElement, Connection, select

from counterfoil.audit.journal import Journal
from counterfoil.audit.record import Act, Body, Entry, entries, read
from counterfoil.kernel.clock import micros
from counterfoil.runtime.database import Database
from support.office import ORIGIN, START, session

SIZE: Final = 600
ADA: Final = session(1_000_000_000_000_100)


def grow(database: Database, more: int) -> None:
    """Write so many entries more."""
    journal = Journal(database)
    at = micros(START)
    journal.put(
        [Entry(ADA, ORIGIN, Act("token.revoke", f"tok_{number}"), at) for number in range(more)]
    )
    journal.flush()


def bodies(tx: Connection, *where: ColumnElement[bool]) -> list[Body]:
    """Return the entries that fit, in their order, as their bytes have them."""
    query = select(entries.c.body).where(*where).order_by(entries.c.position)
    return [body for written in tx.scalars(query) if (body := read(written)) is not None]


def changed(database: Database, operation: str) -> dict[str, tuple[Any, Any]]:
    """Return what the latest of these acts changed, by field: before and after."""
    with database.reading() as tx:
        told = bodies(tx, entries.c.operation == operation)[-1].changes
    return {} if told is UNSET else {one.name: (one.before, one.after) for one in told}
