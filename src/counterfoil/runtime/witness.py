"""Whether anything was committed since somebody looked, by any process of the host.

A file of counters that each of them has in memory, beside the embedded database. A counter is odd
from before a commit until after it. So whoever reads one that is even, then the database, and later
finds the counter the same, would read the same again: nothing was committed in between, and nothing
is about to be. It costs no look into the database.

A writer that is killed leaves its counter odd, which keeps everybody asking the database. The next
process to open the file, or the next writer, sets it right.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, TypeAlias

SLOTS: Final = 1024
_SIZE: Final = 8

EVERYBODY: Final = 0
"""A commit that may concern any organization."""
NOBODY: Final = -1
"""A commit after which every organization's content and rules are what they were."""

Stamp: TypeAlias = tuple[int, int]
"""Names the commits that may concern an organization, up to the latest."""


class Witness:
    """The counters of one database. Open it in each process, after the fork.

    Several organizations may share one: then a commit of one looks like a commit of each.

    Args:
        path: the file.
        alone: lets one writer of the host in at a time; every commit is made under it.
    """

    def __init__(self, path: Path, alone: AbstractContextManager[None]) -> None:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(file).st_size < SLOTS * _SIZE:
                os.posix_fallocate(file, 0, SLOTS * _SIZE)  # a hole would be SIGBUS on a full disk
            self._map = mmap.mmap(file, SLOTS * _SIZE)
        finally:
            os.close(file)
        self._counters = memoryview(self._map).cast("Q")
        if any(count & 1 for count in self._counters):
            with alone:
                self._settle(range(SLOTS))

    def stamp(self, organization: int) -> Stamp | None:
        """Return what names the state in which an organization is; None while it may change."""
        everybody = self._counters[EVERYBODY]
        its = self._counters[_slot(organization)]
        return None if (everybody | its) & 1 else (everybody, its)

    @contextmanager
    def commit(self, of: int) -> Iterator[Callable[[], None]]:
        """Yield what to call right before a commit; leave once it is made, or has failed.

        In between, the counter of whom it may concern is odd. One writer at a time does this.
        """
        slots = () if of == NOBODY else (EVERYBODY if of == EVERYBODY else _slot(of),)

        def about_to() -> None:
            for slot in slots:
                self._counters[slot] |= 1

        try:
            yield about_to
        finally:
            self._settle(slots)

    def _settle(self, slots: Iterable[int]) -> None:
        for slot in slots:
            self._counters[slot] += self._counters[slot] & 1

    def close(self) -> None:
        """Give the file back."""
        self._counters.release()
        self._map.close()


def _slot(organization: int) -> int:
    return 1 + organization % (SLOTS - 1)
