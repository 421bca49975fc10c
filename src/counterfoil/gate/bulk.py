"""Filling empty books with a whole state: in the order of their keys, so that pages come out full.

A B-tree that is filled in random order has pages that are two thirds full, and takes up half as
much again.
"""

from __future__ import annotations

import heapq
import marshal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from counterfoil.feed.event import AnyEvent
from counterfoil.gate.books import Books
from counterfoil.gate.txn import Database, Txn

RUN: Final = 1 << 18
"""So many rows of a book are held in memory at a time, about 150 bytes each."""

_PIECE: Final = 1 << 10


class Bulk:
    """Takes in records, then writes them.

    Args:
        books: where to; they are empty.
        txn: a transaction that writes.
        folder: where more may lie meanwhile than fits into memory.
    """

    def __init__(self, books: Books, txn: Txn, folder: Path) -> None:
        self._books = books
        self._txn = txn
        self._folder = folder
        self._sorters: dict[Database, Sorter] = {}

    def write(self, event: AnyEvent) -> None:
        """Take in one record."""
        rows = self._books.rows(event)
        if rows is None:
            self._books.write(self._txn, event)
            return
        for database, key, value in rows:
            sorter = self._sorters.get(database)
            if sorter is None:
                sorter = self._sorters[database] = Sorter(len(key), self._folder)
            sorter.add(key + value)

    def flush(self) -> None:
        """Write what was taken in."""
        for database, sorter in self._sorters.items():
            with self._txn.cursor(database) as cursor:
                cursor.putmulti(sorter.drain(), append=True)


class Sorter:
    """Sorts more rows than it holds: in runs that lie in files, and are merged in the end.

    Args:
        width: so many bytes of a row are its key.
        folder: where the files lie. They have no names, and die with the process.
    """

    def __init__(self, width: int, folder: Path) -> None:
        self._width = width
        self._folder = folder
        self._run: list[bytes] = []
        self._files: list[IO[bytes]] = []

    def add(self, row: bytes) -> None:
        """Take in a key, and at once after it what stands there."""
        self._run.append(row)
        if len(self._run) == RUN:
            self._spill()

    def drain(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield keys and what stands there, in the order of the keys, and hold none any more."""
        self._run.sort()
        for row in heapq.merge(self._run, *map(_read, self._files)):
            yield row[: self._width], row[self._width :]
        self._run.clear()
        for file in self._files:
            file.close()

    def _spill(self) -> None:
        self._run.sort()
        file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - read and closed in `drain`
        for at in range(0, RUN, _PIECE):
            marshal.dump(self._run[at : at + _PIECE], file)
        self._files.append(file)
        self._run.clear()


def _read(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    for _ in range(0, RUN, _PIECE):
        yield from marshal.load(file)  # noqa: S302 - this process wrote it a moment ago
