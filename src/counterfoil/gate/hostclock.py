"""What time it is on a host, as far as its wall clock is believed: an end never goes back (R6).

The processes of a host have a small file in memory. It says what to add to the seconds that the
machine has been up, which nobody sets. Asking is one look at that clock and one at the file; a
thread compares with the wall clock once a second.

    mark    the latest time that was believed. It goes on with the steady clock, follows the wall
            clock forward, by five minutes at a time and no more, and never back
    ends    the later of wall clock and mark: whoever sets the clock back opens nothing again
    begins  the mark: whoever sets it forward opens nothing early

A clock that leaps forward by more than that ends what ends by then. The mark stays, so to set the
clock right again is to have it all back: that something has expired is written down nowhere. The
log says when wall clock and mark part, and when they meet again.

The mark outlasts a restart. After one of the machine nobody knows how long it was off: the wall
clock is believed if it is later, unless it had leapt before. Without the file it is believed.
"""

from __future__ import annotations

import logging
import mmap
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from struct import Struct
from typing import Final

from counterfoil.gate.marker import boot_id
from counterfoil.kernel.clock import Clock, Ticks, system_clock, system_ticks
from counterfoil.runtime import exposition as said
from counterfoil.runtime.hostlock import HostLock
from counterfoil.runtime.repeating import Repeating

LEAP_S: Final = 300.0
"""By so much the wall clock may go ahead of the steady one within a look, and be believed."""
BACK_S: Final = 1.5
"""By so much it may be behind without a word: a leap second is one."""
LOOK_S: Final = 1.0
KEEP_S: Final = 30.0
"""So often the mark is brought to the disk, for a machine that loses its power."""

_WORD: Final = 8
_ENDS, _BEGINS, _WALL, _LATEST = range(4)
_WORDS: Final = Struct("=4d")
_BOOT_AT: Final = 4 * _WORD
_SIZE: Final = 128

log = logging.getLogger("counterfoil.gate")


class Standing(StrEnum):
    """How the wall clock stands to the time that is believed."""

    RIGHT = "right"
    AHEAD = "ahead"
    BEHIND = "behind"


_SAID: Final = {
    Standing.RIGHT: "the clock of this machine is right again",
    Standing.AHEAD: "the clock of this machine leapt forward: what ends by it opens nothing",
    Standing.BEHIND: "the clock of this machine was set back: time goes on from where it stood",
}


class HostClock:
    """The clock of the processes of one host. Open it in each, after the fork.

    Args:
        path: the file that they have in memory.
        wall: the clock that may be wrong, in Unix seconds.
        ticks: seconds since this machine began.
        boot: what names this run of the kernel: ticks of another one say nothing.
    """

    def __init__(
        self,
        path: Path,
        wall: Callable[[], float] = system_clock.seconds,
        ticks: Ticks = system_ticks,
        boot: Callable[[], str] = boot_id,
    ) -> None:
        self._wall = wall
        self._ticks = ticks
        self._alone = HostLock(path)
        file = self._alone.file
        if os.fstat(file).st_size < _SIZE:
            os.posix_fallocate(file, 0, _SIZE)  # a hole would be SIGBUS on a full disk
        self._map = mmap.mmap(file, _SIZE)
        self._words = memoryview(self._map)[:_BOOT_AT].cast("d")
        self._kept_at = -KEEP_S
        self._loop: Repeating | None = None
        named = _named(boot())
        with self._alone:
            if self._map[_BOOT_AT:] != named:
                self._begin(named)
        self.look()

    def __call__(self) -> datetime:
        """Return the present instant by which things end, aware and in UTC."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def seconds(self) -> float:
        """Return it in Unix seconds."""
        return self._ticks() + self._words[_ENDS]

    def least(self) -> float:
        """Return the present instant by which things begin, in Unix seconds: it never decreases."""
        return self._ticks() + self._words[_BEGINS]

    def ahead_s(self) -> float:
        """Return how far the wall clock was ahead of the mark when last it was looked at."""
        return self._words[_WALL] - self._words[_BEGINS]

    def start(self) -> None:
        """Look at the wall clock every second from now on, until `close`."""
        self._loop = Repeating("the clock", self.look, LOOK_S)
        self._loop.start()

    def look(self) -> None:
        """Look at the wall clock: follow it, or say that it is not believed."""
        words = self._words
        with self._alone:
            before = _standing(self.ahead_s())
            wall = self._wall()  # first: what comes in between makes it early, and never late
            tick = self._ticks()
            real = wall - tick
            mark = max(words[_BEGINS], real)
            if mark - words[_BEGINS] > LEAP_S:
                mark = words[_BEGINS]
            words[_ENDS] = max(mark, real)
            words[_BEGINS], words[_WALL], words[_LATEST] = mark, real, mark + tick
            now = _standing(real - mark)
        if now is not before:
            log.warning("%s (%+.0f s)", _SAID[now], real - mark)
        if tick - self._kept_at >= KEEP_S:
            self._map.flush()
            self._kept_at = tick

    def close(self) -> None:
        """Give the file back."""
        if self._loop is not None and not self._loop.stop():
            return  # its last turn waits for the disk, and needs the file
        self._words.release()
        self._map.close()
        self._alone.close()

    def _begin(self, named: bytes) -> None:
        """Take over what another run of the kernel believed last."""
        words, wall, tick = self._words, self._wall(), self._ticks()
        leapt = words[_WALL] - words[_BEGINS] > LEAP_S
        latest = words[_LATEST] if leapt else max(words[_LATEST], wall)
        words[_BEGINS] = latest - tick
        words[_ENDS] = max(latest, wall) - tick
        words[_WALL] = wall - tick if leapt else words[_BEGINS]
        self._map[_BOOT_AT:] = named


def seen(path: Path) -> tuple[Standing, float] | None:
    """Return how the wall clock stands to the mark now, and by how many seconds it is ahead.

    None where there is no mark, or one of another run of the kernel, which says nothing unless the
    clock is behind it. Nothing is changed.
    """
    try:
        kept = path.read_bytes()
    except FileNotFoundError:
        return None
    if len(kept) < _SIZE:
        return None
    _, begins, _, latest = _WORDS.unpack_from(kept)
    wall = system_clock.seconds()
    same = kept[_BOOT_AT:_SIZE] == _named(boot_id())
    ahead = wall - system_ticks() - begins if same else min(wall - latest, 0.0)
    return _standing(ahead), ahead


def lines(clock: Clock) -> Iterator[str]:
    """Yield what Prometheus is told of a clock: nothing of one that is no host's."""
    if isinstance(clock, HostClock):
        yield from said.measured(
            "counterfoil_clock_ahead_seconds",
            "How far the clock of this machine is ahead of the time that is believed.",
            said.one(round(clock.ahead_s(), 3)),
        )


def _named(boot: str) -> bytes:
    return boot.encode("ascii")[: _SIZE - _BOOT_AT].ljust(_SIZE - _BOOT_AT, b"\0")


def _standing(ahead_s: float) -> Standing:
    if ahead_s > LEAP_S:
        return Standing.AHEAD
    return Standing.BEHIND if ahead_s < -BACK_S else Standing.RIGHT
