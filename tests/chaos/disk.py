"""A disk that can be filled: a real one, where one may be mounted; else a limit on every file."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Protocol

from infra.small_disk import NoMountError, SmallDisk, small_disk

MEGABYTES: Final = 256


class Held(Protocol):
    """What keeps its files there."""

    def processes(self) -> list[int]:
        """Return its processes."""
        ...


class Disk:
    """A folder that can be full.

    Where nothing may be mounted no process there can write to a file while it is. Then nothing is
    let go by a ballast either: what cannot be written is not, and waits.
    """

    def __init__(self, folder: Path, real: SmallDisk | None) -> None:
        self.folder = folder
        self._real = real
        self._held: list[Held] = []

    @property
    def how(self) -> str:
        """By what it is full."""
        return "RLIMIT_FSIZE" if self._real is None else f"a tmpfs of {MEGABYTES} MiB"

    def holds(self, held: Held) -> None:
        """Take in whose files lie there."""
        self._held.append(held)

    def fill(self) -> None:
        """Leave no room."""
        if self._real is None:
            self._limit(0)
        else:
            self._real.fill()

    def clear(self) -> None:
        """Make room again."""
        if self._real is None:
            self._limit(resource.RLIM_INFINITY)
        else:
            self._real.clear()

    def _limit(self, most: int) -> None:
        for process in [id_ for one in self._held for id_ in one.processes()]:
            with suppress(ProcessLookupError):
                resource.prlimit(process, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


@contextmanager
def disk(folder: Path) -> Iterator[Disk]:
    """Give a folder that is not there yet such a disk."""
    try:
        with small_disk(folder, MEGABYTES) as real:
            yield Disk(folder, real)
    except NoMountError:
        yield Disk(folder, None)
