"""A copy of a replica at one state, to be read for as long as it takes: nobody waits for that.

A transaction that is held keeps every page that it could see, and who writes would have to take
new ones. So the file is copied, which is done in a moment, and the copy is read. It has no name,
and is gone with whoever reads it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import islice
from typing import Final

import lmdb

from counterfoil.feed.rows import Row
from counterfoil.gate.replica import proof
from counterfoil.gate.replica.books import NAMES, Books
from counterfoil.gate.replica.environment import MAP_BYTES, Environment
from counterfoil.gate.replica.proof import Doubt
from counterfoil.gate.replica.standing import Place, place_in


class UnsoundError(Exception):
    """The books are in doubt, or nobody has counted them yet: they are not to be handed on."""


class Copy:
    """The books of a replica, as they were.

    Args:
        of: what is copied.

    Attributes:
        place: where they stand; their tally is known.
        sum: the tally.

    Raises:
        UnsoundError: if they may not be what was told.
        lmdb.Error, OSError: if there is no room for a copy.
    """

    def __init__(self, of: Environment) -> None:
        self._file = tempfile.TemporaryFile(dir=of.path)  # noqa: SIM115 - closed by `close`
        of.copy(self._file.fileno())
        self._env = lmdb.Environment(
            f"/dev/fd/{self._file.fileno()}",
            map_size=MAP_BYTES,
            subdir=False,
            readonly=True,
            lock=False,
            max_dbs=16,
        )
        self._books: Final = Books(self._env)
        with self._env.begin() as txn:
            self.place: Final[Place] = place_in(txn, self._books.meta)
            doubted = proof.doubted(txn, self._books.meta, self.place.generation)
        tally = self.place.proof.tally
        if tally is None or doubted is not Doubt.NONE:
            self.close()
            raise UnsoundError
        self.sum: Final = tally

    def sheets(self, most: int) -> Iterator[tuple[str, list[Row]]]:
        """Yield all rows, so many of one book at a time, in the order of their keys."""
        with self._env.begin() as txn:
            for name in NAMES:
                with txn.cursor(self._books.by_name[name]) as cursor:
                    rows = iter(cursor)
                    while some := list(islice(rows, most)):
                        yield name, some

    def close(self) -> None:
        """Let it be gone."""
        self._env.close()
        self._file.close()
