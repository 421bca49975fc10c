"""The journals of gates, as the office knows them: up to which batch each was taken in.

The place moves in the transaction that writes what stood there, and only from where it was. So
whoever falls over goes on from the right place, whatever they had done by then; and of two who take
in the same, one finds that the place has moved and does nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from counterfoil.gate.journal import Mark
from counterfoil.kernel.ids import GateId
from counterfoil.runtime.database import Instant, metadata

MOST: Final = 16
"""So many journals of a gate are remembered: it begins another one where its disk is lost."""

journals: Final = Table(
    "gate_journal",
    metadata,
    Column("journal", String(32), primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("chain", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    Column("gate_id", BigInteger, index=True),
    Column("missed", BigInteger, nullable=False, server_default="0"),
    Column("doubted", BigInteger, nullable=False, server_default="0"),
)
"""Up to which batch each journal of a gate was taken in, how its chain went there, and when.

That of a gate on another host names it, and says how many batches never came and how many rows did
not come into the trail.
"""


class MovedError(Exception):
    """Somebody else has taken the same in: nothing of it was done here."""


class Loss(NamedTuple):
    """What of a journal is not in the trail: batches that never came, and doubted rows."""

    missed: int = 0
    doubted: int = 0


NONE: Final = Loss()


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
    tx: Connection,
    known: Mark,
    reached: Mark,
    at: datetime,
    *,
    gate: GateId | None = None,
    loss: Loss = NONE,
) -> None:
    """Write that a journal was taken in further, on this host or as a gate on another one told it.

    Raises:
        MovedError: if it does not stand at the place that was known.
    """
    here = journals.c.journal == reached.journal
    now = {"position": reached.position, "chain": reached.chain, "at": at, "gate_id": gate}
    if known.position:
        same = journals.c.position == known.position, journals.c.chain == known.chain
        lost = {
            "missed": journals.c.missed + loss.missed,
            "doubted": journals.c.doubted + loss.doubted,
        }
        moved = tx.execute(update(journals).where(here, *same).values(now | lost)).rowcount == 1
    else:
        moved = tx.execute(select(journals.c.position).where(here)).first() is None
        if moved:
            tx.execute(insert(journals).values(journal=reached.journal, **now, **loss._asdict()))
    if not moved:
        raise MovedError


def forget_old(tx: Connection, gate: GateId) -> None:
    """Forget the journals of a gate that it told of longest ago, if there are too many."""
    mine = select(journals.c.journal).where(journals.c.gate_id == gate)
    late = mine.order_by(journals.c.at.desc(), journals.c.journal).offset(MOST)
    tx.execute(delete(journals).where(journals.c.journal.in_(list(tx.scalars(late)))))


def losses(tx: Connection) -> dict[GateId, Loss]:
    """Return what of the journals of gates on other hosts is not in the trail, by gate."""
    query = (
        select(
            journals.c.gate_id,
            func.sum(journals.c.missed).label("missed"),
            func.sum(journals.c.doubted).label("doubted"),
        )
        .where(journals.c.gate_id.is_not(None))
        .group_by(journals.c.gate_id)
    )
    return {
        GateId(row.gate_id): Loss(int(row.missed), int(row.doubted)) for row in tx.execute(query)
    }
