"""A process that is killed in the middle of what it does."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from typing import Any, Final

SPAWN: Final = multiprocessing.get_context("spawn")
_KILLED: Final = -9


def dies(act: Callable[..., None], *given: Any) -> None:
    """Do it in a process of its own, which has to be killed by it."""
    process = SPAWN.Process(target=act, args=given)
    process.start()
    process.join()
    assert process.exitcode == _KILLED
