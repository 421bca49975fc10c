"""Machine time: the seconds of a processor that all takes which a story runs, on any machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

_TICKS = os.sysconf("SC_CLK_TCK")
_PARENT, _TIMES = 1, slice(11, 15)
"""Behind the name of a program in `/proc/PID/stat`: its parent, and its own time with that of the
children that it has seen end (proc(5))."""


def running() -> Callable[[], float]:
    """Start a clock; what is returned says how many seconds of a processor went by on it."""
    begun = _used()
    return lambda: _used() - begun


def _used() -> float:
    ended = sum(
        one.ru_utime + one.ru_stime for one in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN))
    )
    return ended + sum(sum(map(int, said[_TIMES])) for said in _descendants()) / _TICKS


def _descendants() -> Iterator[list[str]]:
    """Yield what is said of each process that was begun by this one, or by one of those."""
    seen: dict[int, list[str]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            seen[int(path.parent.name)] = path.read_text().rpartition(") ")[2].split()
        except OSError:  # it has ended meanwhile
            continue
    for pid, said in seen.items():
        above = pid
        while above in seen and above != os.getpid():
            above = int(seen[above][_PARENT])
        if above == os.getpid() != pid:
            yield said
