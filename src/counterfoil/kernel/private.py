"""Whether a file that holds a secret is for us alone."""

from __future__ import annotations

import os
from typing import Final

_OURS: Final = 0o077
_SHOWN_TO_US: Final = 0o037


def is_private(found: os.stat_result) -> bool:
    """Say whether nobody else may read a file, as far as its mode tells.

    Our own is for no group. Somebody else's, root's perhaps, can only be shown to us as one of a
    group: so Kubernetes mounts its secrets, with 0440.
    """
    return not found.st_mode & (_OURS if found.st_uid == os.geteuid() else _SHOWN_TO_US)
