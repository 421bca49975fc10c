"""The Merkle log over the audit trail, kept so that no proof reads more than some hundred hashes.

The hashes of leaves stand with the entries; above them, each tile holds the roots of up to 256
subtrees that are complete: on level 1 of 256 leaves each, on level 2 of 65,536, and so on. A tile
is written when an entry completes a subtree, in the transaction that writes the entry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from sqlalchemy import BigInteger, Column, Connection, Integer, LargeBinary, Table, select

from counterfoil.audit import merkle
from counterfoil.audit.merkle import BYTES, combined
from counterfoil.runtime.database import insert_or, metadata

tiles: Final = Table(
    "audit_tile",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
)

_BITS: Final = 8
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


def grow(tx: Connection, old: int, new: int, leaves: Leaves) -> None:
    """Write what is complete now, after entries made `old` leaves `new`."""
    for number in range(old // WIDE, new // WIDE):
        _add(tx, 1, number, combined(leaves(number * WIDE, (number + 1) * WIDE)))


def hashes_in(tx: Connection, level: int, number: int) -> list[bytes]:
    """Return the hashes in a tile; none if it is not there."""
    where = tiles.c.level == level, tiles.c.number == number
    held: bytes = tx.scalar(select(tiles.c.hashes).where(*where)) or b""
    return [held[at : at + BYTES] for at in range(0, len(held), BYTES)]


def root_kept(tx: Connection, number: int) -> bytes | None:
    """Return the root over 256 entries, as it was kept; None where it was not."""
    hashes = hashes_in(tx, 1, number // WIDE)
    return hashes[number % WIDE] if number % WIDE < len(hashes) else None


def _add(tx: Connection, level: int, number: int, found: bytes) -> None:
    """Add a root to its tile, and the root over the tile to the next level if that fills it."""
    tile, within = divmod(number, WIDE)
    held = [*hashes_in(tx, level, tile)[:within], found]
    new = insert_or(tx, tiles).values(level=level, number=tile, hashes=b"".join(held))
    tx.execute(
        new.on_conflict_do_update(
            index_elements=list(tiles.primary_key.columns), set_={"hashes": new.excluded.hashes}
        )
    )
    if len(held) == WIDE:
        _add(tx, level + 1, tile, combined(held))
