"""What time it is on a host, as far as its wall clock is believed: an end never goes back (R6).

The processes of a host have a small file in memory. It says what to add to the seconds that the
machine has been up, which nobody sets. Asking is one look at that clock and one at the file; a
thread compares with the wall clock once a second.

    mark    the latest time that was believed. It goes on with the steady clock, follows the wall
            clock forward, by five minutes at a time and no more, and never back
    ends    the later of wall clock and mark: whoever sets the clock back opens nothing again
    begins  the mark: whoever sets it forward opens nothing early

A clock that leaps forward by more than that, and not to where another host is, ends what ends by
then. The mark stays, so to set the clock right again is to have it all back: that something has
expired is written down nowhere. The log says when wall clock and mark part, and meet again.

The mark outlasts a restart. After one of the machine nobody knows how long it was off: the wall
clock is believed if it is later, unless it had leapt before. Without the file it is believed.

Where an office has several hosts, each tells the others its mark, and things end by the latest of
all (`hear`, decision 159). What others believe is kept apart from the mark: who was wrong can take
it back. A host whose wall clock nobody agrees with, no other host and no database, is not ready.
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
from counterfoil.kernel.clock import LATEST_US, Clock, Ticks, system_clock, system_ticks
from counterfoil.kernel.errors import Code, Unserved
from counterfoil.runtime import exposition as said
from counterfoil.runtime.hostlock import HostLock
from counterfoil.runtime.repeating import Repeating

LEAP_S: Final = 300.0
"""By so much the wall clock may go ahead of the steady one within a look, and be believed."""
BACK_S: Final = 1.5
"""By so much it may be behind without a word: a leap second is one."""
PARTS_S: Final = 10.0
"""By so much it may part from what other hosts believe: they say that twice a second."""
LOOK_S: Final = 1.0
KEEP_S: Final = 30.0
"""So often the mark is brought to the disk, for a machine that loses its power."""

_WORD: Final = 8
_ENDS, _BEGINS, _WALL, _LATEST = range(4)
_WORDS: Final = Struct("=4d")
_BOOT_AT: Final = 4 * _WORD
_BOOT_ENDS: Final = 128
_HEARD, _HEARD_LATEST, _SAID, _LIVE, _THEIRS, _NEW, _APART = (16 + n for n in range(7))
"""After the name of the run, where a release that hears nobody leaves them alone."""
_SIZE: Final = _BOOT_ENDS + 7 * _WORD
_MOST: Final = LATEST_US / 1_000_000 * 0.9
"""No later time is heard: a clock goes on from it, and there are instants up to the year 9999."""

log = logging.getLogger("counterfoil.gate")


class Standing(StrEnum):
    """How the wall clock stands to the time that is believed."""

    RIGHT = "right"
    AHEAD = "ahead"
    BEHIND = "behind"


_TOLD: Final = {
    Standing.RIGHT: "the clock of this machine is right again",
    Standing.AHEAD: "the clock of this machine leapt forward: what ends by it opens nothing",
    Standing.BEHIND: "the clock of this machine was set back: time goes on from where it stood",
}


_PARTS: Final = (
    "the clocks of this office agree again",
    "the clocks of this office part: what ends, ends by the latest",
    "nobody of this office has this machine's time: it is not ready, and goes by the latest",
)


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
        self._words = memoryview(self._map).cast("d")
        self._kept_at = -KEEP_S
        self._loop: Repeating | None = None
        named = _named(boot())
        with self._alone:
            if self._map[_BOOT_AT:_BOOT_ENDS] != named:
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
            shared = words[_LIVE] and abs(real - words[_LIVE]) <= PARTS_S
            if mark - words[_BEGINS] > LEAP_S and not shared:
                mark = words[_BEGINS]
            words[_ENDS] = max(mark, real, words[_HEARD])
            words[_BEGINS], words[_WALL], words[_LATEST] = mark, real, mark + tick
            words[_HEARD_LATEST] = words[_HEARD] + tick if words[_HEARD] else 0.0
            now, was_apart = _standing(real - mark), words[_APART]
            words[_APART] = apart = (self.apart_s() != 0) + self.is_alone()
        if now is not before:
            log.warning("%s (%+.0f s)", _TOLD[now], real - mark)
        if apart != was_apart:
            log.warning("%s (%+.0f s)", _PARTS[apart], self.apart_s())
        if tick - self._kept_at >= KEEP_S:
            self._map.flush()
            self._kept_at = tick

    def hear(self, latest: float, live: float = 0.0, theirs: float = 0.0) -> None:
        """Take in what others believe: things end by that, too, where it is later.

        It is taken back where nobody says it any more, but for who said it and is gone. A host
        without a mark begins with what the others believe, if its own clock is far ahead of that.

        Args:
            latest: the latest time that another host has ever believed, in Unix seconds.
            live: the latest that one believes which runs.
            theirs: what time the database says that it is. Each is 0 if there is none.
        """
        words = self._words
        with self._alone:
            tick = self._ticks()
            if words[_NEW] and live and words[_BEGINS] + tick - live > LEAP_S:
                words[_BEGINS] = live - tick
            words[_NEW] = 0.0 if theirs else words[_NEW]
            said = max(latest, words[_BEGINS] + tick)
            heard = min(latest, _MOST) - tick if latest else 0.0
            is_taken_back = said < words[_SAID] - 1e-3
            words[_HEARD] = heard if is_taken_back else max(words[_HEARD], heard)
            words[_SAID] = said
            words[_LIVE] = live - tick if live else 0.0
            words[_THEIRS] = theirs - tick if theirs else 0.0
        self.look()

    def apart_s(self) -> float:
        """Return how far the wall clock is ahead of what others believe; 0 if by little."""
        return _apart(self._words)

    def is_alone(self) -> bool:
        """Say whether others part from this machine's wall clock, and the database does, too."""
        theirs = self._words[_THEIRS]
        agreed = theirs and abs(self._words[_WALL] - theirs) <= PARTS_S
        return not agreed and self.apart_s() != 0

    def require_agreed(self) -> None:
        """Return unless the wall clock of this machine is alone.

        Raises:
            Unserved: NOT_READY, saying by how much it parts from the others.
        """
        if self.is_alone():
            told = f"The clock of this host is {_by(self.apart_s())} what others of its office say."
            raise Unserved(Code.NOT_READY, told)

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
        words[_NEW] = 1.0 if words[_LATEST] == 0 else 0.0
        latest = words[_LATEST] if leapt else max(words[_LATEST], wall)
        words[_BEGINS] = latest - tick
        words[_ENDS] = max(latest, wall) - tick
        words[_WALL] = wall - tick if leapt else words[_BEGINS]
        words[_HEARD] = words[_HEARD_LATEST] - tick if words[_HEARD_LATEST] else 0.0
        words[_LIVE] = words[_THEIRS] = 0.0
        self._map[_BOOT_AT:_BOOT_ENDS] = named


def seen(path: Path) -> tuple[Standing, float] | None:
    """Return how the wall clock stands to the mark now, and by how many seconds it is ahead.

    None where there is no mark, or one of another run of the kernel, which says nothing unless the
    clock is behind it. Nothing is changed.
    """
    try:
        kept = path.read_bytes()
    except FileNotFoundError:
        return None
    if len(kept) < _BOOT_ENDS:
        return None
    _, begins, _, latest = _WORDS.unpack_from(kept)
    wall = system_clock.seconds()
    same = kept[_BOOT_AT:_BOOT_ENDS] == _named(boot_id())
    ahead = wall - system_ticks() - begins if same else min(wall - latest, 0.0)
    return _standing(ahead), ahead


def seen_apart(path: Path) -> float:
    """Return by how much the wall clock was ahead of all others of the office when last heard.

    It is 0 where somebody agreed, or there is nobody. Nothing is changed.
    """
    kept = path.read_bytes() if path.exists() else b""
    if len(kept) < _SIZE or kept[_BOOT_AT:_BOOT_ENDS] != _named(boot_id()):
        return 0.0
    return _apart(memoryview(kept)[:_SIZE].cast("d"))


def lines(clock: Clock) -> Iterator[str]:
    """Yield what Prometheus is told of a clock: nothing of one that is no host's."""
    if isinstance(clock, HostClock):
        yield from said.measured(
            "counterfoil_clock_ahead_seconds",
            "How far the clock of this machine is ahead of the time that is believed.",
            said.one(round(clock.ahead_s(), 3)),
        )
        yield from said.measured(
            "counterfoil_clock_apart_seconds",
            "How far it is ahead of what other hosts of the office believe; 0 within 10.",
            said.one(round(clock.apart_s(), 3)),
        )


def _named(boot: str) -> bytes:
    width = _BOOT_ENDS - _BOOT_AT
    return boot.encode("ascii")[:width].ljust(width, b"\0")


def _apart(words: memoryview[float]) -> float:
    behind = words[_WALL] - words[_HEARD] if words[_HEARD] else 0.0
    ahead = words[_WALL] - words[_LIVE] if words[_LIVE] else 0.0
    return behind if behind < -PARTS_S else ahead if ahead > PARTS_S else 0.0


def _by(apart_s: float) -> str:
    return f"{abs(apart_s):.0f} seconds {'ahead of' if apart_s > 0 else 'behind'}"


def _standing(ahead_s: float) -> Standing:
    if ahead_s > LEAP_S:
        return Standing.AHEAD
    return Standing.BEHIND if ahead_s < -BACK_S else Standing.RIGHT
