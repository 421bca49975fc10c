"""A disk of a few megabytes that a test may fill: a tmpfs, where one may be mounted."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PAGE: Final = 4096
_MOUNT: Final = shutil.which("mount") or "mount"
_UNMOUNT: Final = shutil.which("umount") or "umount"


@dataclass(frozen=True)
class SmallDisk:
    """A real file system of a fixed size, mounted at a folder."""

    folder: Path

    def fill(self) -> None:
        """Leave no byte free of those that are; what others let go meanwhile stays free."""
        left = self.free
        with self._filler.open("ab") as file:
            while left > 0:
                try:
                    os.posix_fallocate(file.fileno(), 0, left)
                except OSError:  # somebody took some meanwhile
                    left -= _PAGE
                else:
                    return

    def clear(self) -> None:
        """Take away what filled it."""
        self._filler.unlink(missing_ok=True)

    @property
    def free(self) -> int:
        """How many bytes are free."""
        there = os.statvfs(self.folder)
        return there.f_bavail * there.f_frsize

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"


class NoMountError(Exception):
    """Whoever runs the tests may mount nothing here; the message is the system's."""


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Mount one at an empty folder, and take it away with all that it holds.

    Raises:
        NoMountError: if that is not allowed.
    """
    folder.mkdir()
    size = f"size={megabytes}m,mode=0700,uid={os.getuid()}"
    mounted = subprocess.run(
        [_MOUNT, "-t", "tmpfs", "-o", size, "tmpfs", folder],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    if mounted.returncode:
        raise NoMountError(mounted.stderr.strip())
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run([_UNMOUNT, "--lazy", folder], check=True, stdout=sys.stderr)
