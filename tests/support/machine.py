"""A machine whose clocks a test moves."""

from __future__ import annotations

from pathlib import Path

from counterfoil.gate.hostclock import HostClock
from support.office import START

NOW = START.timestamp()


class Machine:
    """A machine with two clocks, both of which stand until they are moved; one may be set."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "clock"
        self.now, self.up, self.boot = NOW, 100.0, "boot 1"

    def clock(self) -> HostClock:
        return HostClock(self.file, lambda: self.now, lambda: self.up, lambda: self.boot)

    def pass_by(self, seconds: float) -> None:
        self.now += seconds
        self.up += seconds

    def begin_anew(self, off_s: float = 0.0) -> None:
        self.now += off_s
        self.up, self.boot = 5.0, self.boot + "!"


def both(clock: HostClock) -> tuple[float, float]:
    """By what things end, and by what they begin, in seconds from the usual now."""
    return round(clock.seconds() - NOW, 3), round(clock.least() - NOW, 3)
