"""An act in a process of its own, which is killed at one of the steps that reach the disk."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

_TOUCHING: Final = frozenset(
    {"open", "os.mkdir", "os.rename", "os.link", "os.remove", "os.rmdir", "sqlite3.connect"}
)
"""What Python tells its audit hooks before it does something to a file or a folder."""


def killed_at(step: int, act: Callable[[], object], below: Path) -> bool:
    """Do something in a child that kills itself at its nth step; say whether it came so far.

    The steps are each opening, renaming, linking and removing below a folder, and each wait for the
    disk.
    """
    child = os.fork()
    if child == 0:  # pragma: no cover - of the child nothing comes back
        code = 1
        try:
            _count_down(step, str(below))
            act()
            code = 0
        finally:
            os._exit(code)
    _, ended = os.waitpid(child, 0)
    if os.WIFSIGNALED(ended):
        assert os.WTERMSIG(ended) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(ended) == 0, "the act failed by itself"
    return False


def _count_down(step: int, below: str) -> None:  # pragma: no cover - in the child alone
    left = step
    flush = os.fsync

    def touched() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event in _TOUCHING and str(arguments[0]).startswith(below):
            touched()

    def flushed(file: Any) -> None:
        touched()
        flush(file)

    os.fsync = flushed  # type: ignore[assignment]
    sys.addaudithook(hook)
