"""A server says in a file that it goes on, and another process sees whether it does.

A lock says that somebody lives, and is held by a process that stands still, too.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from struct import Struct, error
from typing import Final

from counterfoil.kernel.clock import Ticks, system_ticks

EVERY_S: Final = 1.0
_SAID: Final = Struct("=d")


class Going:
    """Says in a file when this process went on last, in seconds since the machine began.

    Args:
        path: the file; a lock of others may stand on it.
        ticks: the clock of that.
    """

    def __init__(self, path: Path, ticks: Ticks = system_ticks) -> None:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(file, "wb", buffering=0)
        self._ticks = ticks
        self._said_at = -EVERY_S

    def say(self) -> None:
        """Say it, once in a second; where the disk takes nothing, that is for others to tell."""
        now = self._ticks()
        if now - self._said_at >= EVERY_S:
            self._said_at = now
            with suppress(OSError, ValueError):  # it was given back meanwhile
                self._file.seek(0)
                self._file.write(_SAID.pack(now))

    def close(self) -> None:
        """Give the file back."""
        self._file.close()


def silent_s(path: Path, ticks: Ticks = system_ticks) -> float:
    """Return how long ago somebody said in a file that they go on; 0 where nobody ever did.

    What was said before the machine began anew is long ago, whatever it says.
    """
    try:
        (said,) = _SAID.unpack(path.read_bytes())
    except (OSError, error):
        return 0.0
    ago = ticks() - said
    return ago if ago >= 0 else float("inf")
