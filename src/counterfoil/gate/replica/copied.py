"""A copy of a replica at one state, to be read in pieces for as long as that takes.

A transaction that is held keeps every page that it could see, and who writes would have to take
new ones. So the file is copied, which takes a fifth of a second for a million tokens, and the copy
is read. While it is made a write that fails has to wait; nobody else does.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path
from typing import Final, TypeAlias

import lmdb

from counterfoil.feed.rows import SHEET, SHEET_BYTES, Row
from counterfoil.gate.replica import proof
from counterfoil.gate.replica.books import NAMES, SETS, Books
from counterfoil.gate.replica.environment import MAP_BYTES, Environment
from counterfoil.gate.replica.proof import Doubt
from counterfoil.gate.replica.standing import Place, place_in
from counterfoil.gate.replica.txn import Txn

Sheet: TypeAlias = tuple[str, list[Row]]
"""Some rows of a book, and its name."""


class UnsoundError(Exception):
    """The books are in doubt, or nobody has counted them yet; or a row is not in this copy."""


def make_copy(of: Environment, path: Path) -> None:
    """Copy a replica into a file; until it is whole, it has another name.

    Raises:
        lmdb.Error, OSError: if there is no room.
    """
    draft = path.with_name(f".{path.name}")
    try:
        file = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            of.copy(file)
        finally:
            os.close(file)
        draft.rename(path)
    finally:
        draft.unlink(missing_ok=True)


class Copy:
    """A copy, open.

    Args:
        path: of the file.

    Attributes:
        place: where the books stand.
        sum: their tally.

    Raises:
        UnsoundError: if they may not be what was told.
        lmdb.Error, OSError: if there is no such copy.
    """

    def __init__(self, path: Path) -> None:
        self._env = lmdb.Environment(
            str(path), map_size=MAP_BYTES, subdir=False, readonly=True, lock=False, max_dbs=16
        )
        with ExitStack() as leaving:
            leaving.callback(self._env.close)
            self._books: Final = Books(self._env)
            with self._env.begin() as txn:
                self.place: Final[Place] = place_in(txn, self._books.meta)
                doubted = proof.doubted(txn, self._books.meta, self.place.generation)
            tally = self.place.proof.tally
            if tally is None or doubted is not Doubt.NONE:
                raise UnsoundError
            self.sum: Final = tally
            leaving.pop_all()

    def sheets(self, book: str = "", row: Row = (b"", b"")) -> Generator[Sheet, None, None]:
        """Yield all rows, or those after this one of a book: some at a time, in their order.

        Raises:
            UnsoundError: if there is no such book or row.
        """
        if book and book not in NAMES:
            raise UnsoundError(book)
        with self._env.begin() as txn:
            for name in NAMES[NAMES.index(book) if book else 0 :]:
                yield from _sheets(txn, self._books, name, row if name == book else None)

    def close(self) -> None:
        """Give it back; the file stays."""
        self._env.close()


def _sheets(txn: Txn, books: Books, name: str, after: Row | None) -> Generator[Sheet, None, None]:
    with txn.cursor(books.by_name[name]) as cursor:
        if after is None:
            there = cursor.first()
        else:
            found = cursor.set_key_dup(*after) if name in SETS else cursor.set_key(after[0])
            if not found:
                raise UnsoundError
            there = cursor.next()
        if not there:
            return
        some: list[Row] = []
        size = 0
        for row in cursor.iternext():
            some.append(row)
            size += len(row[0]) + len(row[1])
            if len(some) == SHEET or size >= SHEET_BYTES:
                yield name, some
                some, size = [], 0
        if some:
            yield name, some
