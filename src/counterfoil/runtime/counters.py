"""Numbers that the processes of a host count together, in one file that all have in memory.

Each process counts in a place of its own, and whoever is asked adds them up. A place is kept by a
lock: a process that follows one which died counts on there. What is not counted but is so, the
state of the host, stands once, and one process at a time says it.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

PLACES: Final = 64
_WORD: Final = 8


class CrowdedError(Exception):
    """More processes count on this host than there are places."""


class Counters:
    """The numbers of one host. Open it after the fork; each number has one thread that adds to it.

    Args:
        path: the file; programs with other widths must use another one.
        width: how many numbers are counted.
        states: how many stand once.
        places: how many processes may count at a time.

    Attributes:
        words: all numbers, of eight bytes each.
        at: where those of this process begin.
    """

    def __init__(self, path: Path, width: int, states: int = 0, places: int = PLACES) -> None:
        self._width, self._states, self._places = width, states, places
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        size = (states + places * width) * _WORD
        if os.fstat(self._file).st_size < size:
            os.posix_fallocate(self._file, 0, size)
        self._table = mmap.mmap(self._file, size)
        self.words = memoryview(self._table).cast("Q")
        self.at = states + self._take_place() * width

    def totals(self) -> Sequence[int]:
        """Return what all places together have counted."""
        words = self.words[self._states :].tolist()
        return [sum(words[at :: self._width]) for at in range(self._width)]

    def states(self) -> Sequence[int]:
        """Return what stands once."""
        return self.words[: self._states].tolist()

    def close(self) -> None:
        """Give the place back."""
        self.words.release()
        self._table.close()
        os.close(self._file)

    def _take_place(self) -> int:
        for place in range(self._places):
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            except OSError:
                continue
            return place
        raise CrowdedError(f"{self._places} processes count here already")
