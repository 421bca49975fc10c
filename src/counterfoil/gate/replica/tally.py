"""The tally of the books: one number that all that stands in them adds up to (R13).

Each row counts by its CRC-32, which begins with the number of its book. A sum is the same in
whatever order it is added up, so books that followed the feed and books that were built from a
snapshot have one tally; it is kept up with each row that is written, and costs no look at others.

It shows what a disk, a program or a hand has made of a replica by mistake: any row that was damaged
in one place, is missing or is there besides. It is no seal: who can write into the replica of a
host decides what that host lets in, whatever a number in the same file says.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import repeat
from typing import Final, TypeAlias
from zlib import crc32

from counterfoil.gate.replica.books import NAMES, SETS, Books
from counterfoil.gate.replica.txn import Database, Txn

WORD: Final = (1 << 64) - 1
"""Tallies are kept in so many bits."""
PIECE: Final = 256
"""So many rows are counted between two rests."""

Begin: TypeAlias = tuple[bytes, bytes] | None
"""The row to go on with; None for the first of a book."""
Piece: TypeAlias = tuple[int, int, Begin]


class Counting:
    """A transaction that writes, and adds up what becomes of the books by it.

    Args:
        txn: the transaction.
        books: that it writes.

    Attributes:
        sum: what was added, less what was taken away.
    """

    def __init__(self, txn: Txn, books: Books) -> None:
        self._txn = txn
        self._seeds = {books.by_name[name]: seed for seed, name in enumerate(NAMES)}
        self._sets = {books.by_name[name] for name in SETS}
        self.get: Final = txn.get
        self.cursor: Final = txn.cursor
        self.sum = 0

    def put(self, key: bytes, value: bytes, *, db: Database) -> None:
        """Write a row, in the place of the one that stands there."""
        seed = self._seeds[db]
        if db in self._sets:
            if self._txn.put(key, value, dupdata=False, db=db):
                self.sum += crc32(key + value, seed)
            return
        before = self._txn.replace(key, value, db)
        if before != value:
            self.sum += crc32(key + value, seed)
            if before is not None:
                self.sum -= crc32(key + before, seed)

    def delete(self, key: bytes, value: bytes = b"", db: Database | None = None) -> bool:
        """Take a row away, of a set the one with this value; return whether it was there."""
        if db is None:
            message = "no book is named"
            raise TypeError(message)
        if db not in self._sets:
            value = self._txn.pop(key, db) or b""
            there = bool(value)
        else:
            there = self._txn.delete(key, value, db)
        if there:
            self.sum -= crc32(key + value, self._seeds[db])
        return there


def added(rows: list[bytes], seed: int) -> int:
    """Return what rows of one book add up to, each a key and its value."""
    return sum(map(crc32, rows, repeat(seed)))


def counted(
    read: Callable[[Callable[[Txn], Piece]], Piece], books: Books, rest: Callable[[], object]
) -> int | None:
    """Return what all rows of the books add up to; None if they changed meanwhile.

    Args:
        read: looks at one state.
        books: to be counted.
        rest: is called after every few rows.
    """
    state, total = None, 0
    for seed, name in enumerate(NAMES):
        following: Begin = None
        while True:
            look = partial(_piece, database=books.by_name[name], seed=seed, begin=following,
                           is_set=name in SETS)  # fmt: skip
            seen, more, following = read(look)
            if seen != (state := seen if state is None else state):
                return None
            total += more
            rest()
            if following is None:
                break
    return total & WORD


def _piece(txn: Txn, database: Database, seed: int, begin: Begin, *, is_set: bool) -> Piece:
    """Return which state this is, what some rows add up to, and the next row; None at the end."""
    found: list[bytes] = []
    with txn.cursor(database) as cursor:
        if begin is None:
            there = cursor.first()
        else:
            there = cursor.set_range_dup(*begin) if is_set else cursor.set_range(begin[0])
        while there:
            key, value = cursor.item()
            if len(found) == PIECE:
                return txn.id(), added(found, seed), (key, value)
            found.append(key + value)
            there = cursor.next()
    return txn.id(), added(found, seed), None
