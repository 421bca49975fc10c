"""Has a command of ours believe a wall clock that is wrong by as much as a file says.

Python imports this by its name at every start, in each process of a command that has its folder in
`PYTHONPATH`. Clocks that nobody sets (CLOCK_BOOTTIME, CLOCK_MONOTONIC) are left alone: so are they
where somebody sets the time of a machine.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

from counterfoil.kernel.clock import SystemClock

_FILE = os.environ["CHAOS_CLOCK"]


def _wrong_s() -> float:
    """Return by how many seconds the clock is ahead; read from the file each time."""
    try:
        with open(_FILE, encoding="ascii") as file:  # noqa: PTH123 - this runs in every process
            return float(file.read() or 0)
    except FileNotFoundError:
        return 0.0


def _now(_clock: SystemClock) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=_wrong_s())


def _seconds() -> float:
    return time.time() + _wrong_s()


SystemClock.__call__ = _now  # type: ignore[method-assign, assignment]
SystemClock.seconds = staticmethod(_seconds)
