"""Where tests write: into memory, where there is enough of it.

Nearly every test commits to a database and to a replica, and each commit waits for the disk. That
wait proves nothing here: what outlives a cut of the power is tried on a disk of its own (`chaos`).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - it is the file system that is meant
ENOUGH: Final = 6 << 30
"""What two processes need at a time, several times over; containers often have 64 MiB."""


def scratch() -> None:
    """Have this process and those that it starts make temporary files in memory.

    Whoever names a place (`TMPDIR`) is heeded, and a place where no program may run is none.
    """
    if "TMPDIR" in os.environ or not _serves():
        return
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None


def _serves() -> bool:
    return (
        os.access(MEMORY, os.W_OK)
        and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
        and shutil.disk_usage(MEMORY).free >= ENOUGH
    )
