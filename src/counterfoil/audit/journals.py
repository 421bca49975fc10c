"""The journals of gates, as the office knows them: up to which batch each was taken in.

The place moves in the transaction that writes what stood there, and only from where it was. So
whoever falls over goes on from the right place, whatever they had done by then; and of two who take
in the same, one finds that the place has moved and does nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from counterfoil.gate.record.journal import Mark
from counterfoil.kernel.ids import GateId
from counterfoil.runtime.database import Instant, metadata

MOST: Final = 16
"""So many journals of a gate are remembered: it begins another one where its disk is lost."""
KEPT: Final = timedelta(days=90)
"""So long is one remembered that a gate tells nothing of, if it has begun so many."""

journals: Final = Table(
    "gate_journal",
    metadata,
    Column("journal", String(32), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("chain", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    Column("gate_id", BigInteger, index=True),
)
"""Up to which batch each journal of a gate was taken in, how its chain went there, and when the
office last heard of it. That of a gate on another host names it.
"""


class MovedError(Exception):
    """Somebody else has taken the same in: nothing of it was done here."""


def marked(tx: Connection, journal: str) -> Mark:
    """Return up to where a journal was taken in."""
    row = tx.execute(
        select(journals.c.position, journals.c.chain).where(journals.c.journal == journal)
    ).first()
    return Mark(journal) if row is None else Mark(journal, row.position, row.chain)


def is_told_by(tx: Connection, journal: str, others: frozenset[GateId | None]) -> bool:
    """Say whether a journal is known, and one of these told it; None is the office's own host."""
    row = tx.execute(select(journals.c.gate_id).where(journals.c.journal == journal)).first()
    return row is not None and row.gate_id in others


def move(
    tx: Connection, known: Mark, reached: Mark, at: datetime, *, gate: GateId | None = None
) -> None:
    """Write that a journal was taken in further, on this host or as a gate on another one told it.

    Raises:
        MovedError: if it does not stand at the place that was known.
    """
    here = journals.c.journal == reached.journal
    now = {"position": reached.position, "chain": reached.chain, "at": at, "gate_id": gate}
    if known.position:
        same = journals.c.position == known.position, journals.c.chain == known.chain
        moved = tx.execute(update(journals).where(here, *same).values(now)).rowcount == 1
    else:
        moved = tx.execute(select(journals.c.position).where(here)).first() is None
        if moved:
            tx.execute(insert(journals).values(journal=reached.journal, **now))
    if not moved:
        raise MovedError


def touch(tx: Connection, journal: str, at: datetime) -> None:
    """Write that a gate still has a journal, though it may have nothing new to tell."""
    tx.execute(update(journals).where(journals.c.journal == journal).values(at=at))


def make_room(tx: Connection, gate: GateId, now: datetime) -> bool:
    """Say whether a gate may begin another journal.

    Of too many the one goes that was heard of longest ago, and none that was lately: whoever makes
    journals up under a stolen credential does not have those of the gate forgotten.
    """
    mine = select(journals.c.journal, journals.c.at).where(journals.c.gate_id == gate)
    late = tx.execute(
        mine.order_by(journals.c.at.desc(), journals.c.journal).offset(MOST - 1)
    ).all()
    if any(now - row.at < KEPT for row in late):
        return False
    tx.execute(delete(journals).where(journals.c.journal.in_([row.journal for row in late])))
    return True
