"""Room that is kept for revocations: a file that is let go when the disk is full (R11).

While it is held, whatever is written finds the disk full before the last of it is used. Then it is
let go, and until it is back nothing is written but what takes power away, and what lets people in
who would. It comes back by itself, when there is room for it and for as much again.

The file says how things stand, to all processes of a host and after a start: it is whole, or it is
out. Where there is none, nobody keeps room: nothing is refused for it.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import structlog

from counterfoil.runtime import exposition as said

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What a system says whose disk takes nothing more."""

log: Final = structlog.get_logger(__name__)

_NAME: Final = "ballast"
_NEW: Final = ".new"
"""What follows the name of one that is not whole yet."""
EVERY_S: Final = 1.0
"""How often to look whether there is room."""
_LOW: Final = 4
"""It goes when a quarter of its size is free."""


def free(folder: Path) -> int:
    """Return how many bytes are free on the disk of a folder, for whoever is not root."""
    there = os.statvfs(folder)
    return there.f_bavail * there.f_frsize


class Ballast:
    """What one host keeps, on each disk that a revocation is written to.

    Args:
        folders: what a revocation is written in; of those on one disk the first has the file.
        size: in bytes; 0 keeps none.
        free: says how many bytes are free on the disk of a folder.
    """

    def __init__(
        self, folders: Iterable[Path], size: int, free: Callable[[Path], int] = free
    ) -> None:
        self.size: Final = size
        self._free: Final = free
        first: dict[int, Path] = {}
        for folder in folders:
            first.setdefault(folder.stat().st_dev, folder / _NAME)
        self._files: Final = tuple(first.values()) if size else ()

    @property
    def is_out(self) -> bool:
        """Say whether nothing is written but what room is kept for."""
        return any(_size(file) == 0 for file in self._files)

    def held(self) -> int:
        """Return how many bytes are kept, of all that should be."""
        return sum(max(0, _size(file)) for file in self._files)

    def drop(self) -> bool:
        """Let it go; say whether there is one, so that there may be room now."""
        there = [file for file in self._files if _size(file) >= 0]
        for file in there:
            _let_go(file)
        return bool(there)

    def turn(self) -> None:
        """Let it go where hardly any room is left, or take it back where there is plenty.

        The first time it is there from then on: whole, or out.
        """
        for file in self._files:
            room, size = self._free(file.parent), _size(file)
            if size < self.size and room >= 2 * self.size:
                self._take(file)
            elif size < 0 or (size and room < self.size // _LOW):
                _let_go(file)

    def _take(self, file: Path) -> None:
        """Have it whole from the moment it is there: an empty one says that the disk is full."""
        new = file.with_suffix(_NEW)
        with _alone(new) as held:
            try:
                os.posix_fallocate(held, 0, self.size)
            except OSError as error:
                new.unlink()
                if _size(file) < 0:
                    _let_go(file)
                if error.errno not in FULL:
                    raise
            else:
                os.fsync(held)
                new.replace(file)
                log.info("room is kept for revocations", ballast=str(file))


def is_out(folder: Path) -> bool:
    """Say whether the ballast of a data directory is out, whoever keeps it."""
    return _size(folder / _NAME) == 0


def measured(folder: Path) -> Iterator[str]:
    """Yield what Prometheus is told of the disk of a data directory."""
    yield from said.measured(
        "counterfoil_disk_free_bytes",
        "What is free on the disk of the data directory.",
        said.one(free(folder)),
    )
    kept = _size(folder / _NAME)
    if kept >= 0:
        yield from said.measured(
            "counterfoil_ballast_bytes",
            "What is kept on the disk for revocations; 0 while the disk is full.",
            said.one(kept),
        )


def _let_go(file: Path) -> None:
    with _alone(file) as held:
        if os.fstat(held).st_size:
            log.error("the disk is full: only revocations are written", ballast=str(file))
        os.ftruncate(held, 0)


def _size(file: Path) -> int:
    """Return the size of a file; -1 if there is none."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return -1


@contextmanager
def _alone(file: Path) -> Iterator[int]:
    held = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield held
    finally:
        os.close(held)
