"""Killing at a system call: what only a tracer finds, inside the libraries below (R4).

`strace` has the process killed as it enters its nth call of a name: before it is done. So each that
it does is the last one done, too, before the next.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

from chaos.kill.place import Place

STRACE: Final = shutil.which("strace")
CALLS: Final = (
    "fsync", "fdatasync", "msync", "pwrite64", "pwritev", "ftruncate", "rename", "renameat",
    "renameat2", "link", "linkat", "unlink", "unlinkat", "sendto",
)  # fmt: skip
"""Calls by which something reaches the disk, or a database on another machine."""
_TESTS: Final = Path(__file__).parents[2]
_WAIT_S: Final = 120


def traced(call: str, nth: int, name: str, place: Place) -> bool:
    """Do what has that name in a process that is killed at its nth call; say if it came so far.

    Raises:
        RuntimeError: if it fails by itself.
    """
    command = [
        str(STRACE), "-f", "-qq", "-o", os.devnull, "-e", f"trace={call}",
        "-e", f"inject={call}:signal=SIGKILL:when={nth}",
        sys.executable, "-m", "chaos.kill.victim", name, str(place.folder), place.url,
    ]  # fmt: skip
    ended = subprocess.run(
        command, cwd=_TESTS, stdin=subprocess.DEVNULL, capture_output=True, timeout=_WAIT_S,
        check=False, env={**os.environ, "PYTHONPATH": str(_TESTS), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    if ended.returncode == -signal.SIGKILL:
        return True
    if ended.returncode:
        raise RuntimeError(ended.stderr.decode())
    return False
