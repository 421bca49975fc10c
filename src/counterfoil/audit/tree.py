"""The Merkle log over the audit trail, kept so that no proof reads more than some hundred hashes.

The hashes of leaves stand with the entries; above them, each tile holds the roots of up to 256
subtrees that are complete: on level 1 of 256 leaves each, on level 2 of 65,536, and so on. A tile
is written when an entry completes a subtree, in the transaction that writes the entry.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final, TypeAlias

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Insert,
    Integer,
    LargeBinary,
    Table,
    bindparam,
    select,
)

from counterfoil.audit import merkle
from counterfoil.audit.merkle import BYTES, combined
from counterfoil.runtime.database import insert_on, metadata

tiles: Final = Table(
    "audit_tile",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
)

_BITS: Final = 8
_TILE: Final = select(tiles.c.hashes).where(
    tiles.c.level == bindparam("level"), tiles.c.number == bindparam("number")
)
WIDE: Final = 1 << _BITS
"""So many leaves stand below one hash of level 1, and so many hashes of a level below one more."""

Leaves: TypeAlias = Callable[[int, int], list[bytes]]
"""Returns the hashes of leaves, from one index on and before another."""


class Tree:
    """What the tree looks like in one state of the database."""

    def __init__(self, tx: Connection, leaves: Leaves) -> None:
        self._tx = tx
        self._leaves = leaves

    def root(self, size: int) -> bytes:
        """Return the root over the first leaves."""
        return merkle.root(size, self.at)

    def at(self, level: int, number: int) -> bytes:
        """Return the root of a complete subtree (see `merkle.At`).

        Raises:
            LookupError: if the tree is not as large, or lacks what stands below.
        """
        first, count = number << level, 1 << level
        if level < _BITS:
            held = self._leaves(first, first + count)
        else:
            above, within = divmod(level, _BITS)
            held = self._tiles(above, number << within, 1 << within)
            count = 1 << within
        if len(held) != count:
            message = f"leaves from {first} on are missing"
            raise LookupError(message)
        return combined(held)

    def _tiles(self, level: int, first: int, count: int) -> list[bytes]:
        """Return hashes of a level, all of which stand in one tile."""
        number, within = divmod(first, WIDE)
        held = hashes_in(self._tx, level, number)
        return held[within : within + count]


def grow(tx: Connection, old: int, fresh: Sequence[bytes], leaves: Leaves) -> None:
    """Write what is complete now, after these were added to `old` leaves."""
    first = old // WIDE
    if (old + len(fresh)) // WIDE == first:
        return
    held = [*leaves(first * WIDE, old), *fresh]
    whole = range(0, len(held) - WIDE + 1, WIDE)
    _add(tx, 1, first, [combined(held[at : at + WIDE]) for at in whole])


def hashes_in(tx: Connection, level: int, number: int) -> list[bytes]:
    """Return the hashes in a tile; none if it is not there."""
    held: bytes = tx.scalar(_TILE, {"level": level, "number": number}) or b""
    return [held[at : at + BYTES] for at in range(0, len(held), BYTES)]


def root_kept(tx: Connection, number: int) -> bytes | None:
    """Return the root over 256 entries, as it was kept; None where it was not."""
    hashes = hashes_in(tx, 1, number // WIDE)
    return hashes[number % WIDE] if number % WIDE < len(hashes) else None


def _add(tx: Connection, level: int, number: int, found: Sequence[bytes]) -> None:
    """Add roots from `number` on to their tile, and the root over each tile that this fills."""
    tile, within = divmod(number, WIDE)
    room = WIDE - within
    held = [*hashes_in(tx, level, tile)[:within], *found[:room]]
    row = {"level": level, "number": tile, "hashes": b"".join(held)}
    tx.execute(_keep(tx.dialect.name), row)
    if len(held) == WIDE:
        _add(tx, level + 1, tile, [combined(held)])
    if len(found) > room:
        _add(tx, level, number + room, found[room:])


@cache
def _keep(dialect: str) -> Insert:
    """Return what writes a tile, whether it is there or not."""
    new = insert_on(dialect, tiles)
    return new.on_conflict_do_update(
        index_elements=list(tiles.primary_key.columns), set_={"hashes": new.excluded.hashes}
    )
