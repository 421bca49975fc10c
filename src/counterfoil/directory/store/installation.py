"""What holds for an installation as a whole: so far, how its tokens begin."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Connection, Integer, String, Table, select

from counterfoil.runtime.database import insert_or, metadata

installations: Final = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("prefix", String(8), nullable=False),
)


def prefix(tx: Connection) -> str | None:
    """Return how the tokens of this installation begin, if that was said yet."""
    return tx.scalar(select(installations.c.prefix))


def settle_prefix(tx: Connection, asked: str) -> str:
    """Return how its tokens begin: as was said first, which is now if it never was."""
    first = insert_or(tx, installations).values(id=1, prefix=asked).on_conflict_do_nothing()
    tx.execute(first)
    return prefix(tx) or asked
