"""Whether a file that holds a secret is for us alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_ROOT: Final = 0
_OURS: Final = 0o077
_SHOWN_TO_US: Final = 0o037


def is_private(found: os.stat_result) -> bool:
    """Say whether nobody else may read a file, as far as its mode tells.

    What is ours is for no group, nor is what belongs to another user. Root's can only be shown to
    us as one of a group: so Kubernetes mounts its secrets, with 0440.
    """
    shown = found.st_uid == _ROOT != os.geteuid()
    return not found.st_mode & (_SHOWN_TO_US if shown else _OURS)


def read_private(path: Path) -> tuple[bytes, bool]:
    """Return what is in a file, and whether it is private: the one that was opened, and no other.

    Raises:
        OSError: if it cannot be read.
    """
    with path.open("rb") as file:
        return file.read(), is_private(os.fstat(file.fileno()))
