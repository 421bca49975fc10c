"""What is on the disk to stay, also if the power is cut in the next moment (R5).

A name is there to stay only once its folder was flushed: what a file holds may be on the disk, and
nobody finds it.
"""

from __future__ import annotations

import os
from itertools import takewhile
from pathlib import Path
from typing import Final

_PRIVATE: Final = 0o700


def flush(path: Path) -> None:
    """Return when a file, or what names there are in a folder, is on the disk."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def make_folder(path: Path) -> None:
    """Make a folder for its owner alone, and those above it that are missing; they are to stay."""
    missing = list(takewhile(lambda one: not one.exists(), (path, *path.parents)))
    path.mkdir(_PRIVATE, parents=True, exist_ok=True)
    for one in reversed(missing):
        flush(one.parent)
