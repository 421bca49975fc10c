"""Filling empty books with a whole state: in the order of their keys, so that pages come out full.

A B-tree that is filled in random order has pages that are two thirds full, and takes up half as
much again.
"""

from __future__ import annotations

import heapq
import marshal
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final, cast

import lmdb

from counterfoil.feed.event import AnyEvent
from counterfoil.gate.replica.books import NAMES, SETS, Books
from counterfoil.gate.replica.tally import Counting, added
from counterfoil.gate.replica.txn import Database, Txn

RUN: Final = 1 << 20
"""So many records are held in memory at a time, about 200 bytes each."""

_PIECE: Final = 1 << 10


class DamagedError(Exception):
    """The rows that were told are not those of sound books."""


class Bulk:
    """Takes in records, which it writes in the end, and rows, which it writes at once.

    Args:
        books: where to; they are empty.
        txn: a transaction that writes.
        folder: where more may lie meanwhile than fits into memory.

    Attributes:
        sum: the tally of what was written, once all was flushed.
    """

    def __init__(self, books: Books, txn: Txn, folder: Path) -> None:
        self._books = books
        self._txn = txn
        self._counting = Counting(txn, books)
        self._seeds = {books.by_name[name]: seed for seed, name in enumerate(NAMES)}
        self._folder = folder
        self._sorters: dict[Database, Sorter] = {}
        self.sum = 0
        self._held = 0

    def write(self, event: AnyEvent) -> None:
        """Take in one record."""
        rows = self._books.rows(event)
        if rows is None:
            self._books.write(cast("Txn", self._counting), event)
            return
        for database, key, value in rows:
            sorter = self._sorters.get(database)
            if sorter is None:
                seed = self._seeds[database]
                sorter = self._sorters[database] = Sorter(len(key), self._folder, seed)
            sorter.rows.append(key + value)
        self._held += 1
        if self._held == RUN:
            self._held = 0
            for sorter in self._sorters.values():
                sorter.put_aside()

    def put(self, name: str, rows: Sequence[tuple[bytes, bytes]]) -> None:
        """Write rows of a book as they are, in their order, after those before.

        Raises:
            DamagedError: if they are in no order, or of no such set, or there is no such book.
        """
        database, width = self._books.by_name.get(name), SETS.get(name)
        if database is None or (width and any(len(value) != width for _, value in rows)):
            raise DamagedError(name)
        try:
            with self._txn.cursor(database) as cursor:
                taken, put = cursor.putmulti(rows, append=True)
        except lmdb.BadValsizeError as error:
            raise DamagedError(name) from error
        if put != taken:
            raise DamagedError(name)
        self.sum += added([key + value for key, value in rows], self._seeds[database])

    def flush(self) -> None:
        """Write what was taken in."""
        for database, sorter in self._sorters.items():
            with self._txn.cursor(database) as cursor:
                cursor.putmulti(sorter.drain(), append=True)
        self.sum += self._counting.sum + sum(sorter.sum for sorter in self._sorters.values())


class Sorter:
    """Sorts more rows than it holds: in runs that lie in files, and are merged in the end.

    Args:
        width: so many bytes of a row are its key; at once after it stands its value.
        folder: where the files lie. They have no names, and die with the process.
        seed: of their tally.
    """

    def __init__(self, width: int, folder: Path, seed: int = 0) -> None:
        self.rows: list[bytes] = []
        self.sum = 0
        self._seed = seed
        self._width = width
        self._folder = folder
        self._files: list[IO[bytes]] = []

    def put_aside(self) -> None:
        """Put the rows that are held into a file."""
        self._count()
        file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - read and closed in `drain`
        for at in range(0, len(self.rows), _PIECE):
            marshal.dump(self.rows[at : at + _PIECE], file)
        marshal.dump(None, file)
        self._files.append(file)
        self.rows.clear()

    def drain(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield keys and values in the order of the keys, and hold none any more."""
        self._count()
        width = self._width
        for row in heapq.merge(self.rows, *map(_read, self._files)):
            yield row[:width], row[width:]
        self.rows.clear()
        for file in self._files:
            file.close()

    def _count(self) -> None:
        self.rows.sort()
        self.sum += added(self.rows, self._seed)


def _read(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while (piece := marshal.load(file)) is not None:  # noqa: S302 - this process wrote it just now
        yield from piece
