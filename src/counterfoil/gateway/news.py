"""What a bus tells of the feed, to a gate: taken in where it fits, and never believed in more.

A page that came over a bus is the office's word on the positions that it names, for it is signed.
It says nothing of what stands there *now*, and gives no lease: for that a gate asks, as it does
without a bus, and at once when it has heard something. What does not fit is left to the question:
a gap, another life of the database, and what this version cannot read. What is older or forged
moves nothing. What goes on from another history than this gate's stops it (R13).

A bus is waited for only while it has told of everything that the gate knows. Once the office's own
answer has told of more, the questions wait at the office again, until the bus is as good.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from enum import IntEnum
from math import inf
from queue import Empty, Full, Queue
from typing import Final, Protocol

from counterfoil.feed.chain import ForkedError
from counterfoil.feed.codec import UnknownEventError
from counterfoil.feed.page import TO_ALL, ForgedError, Page, unsealed
from counterfoil.gate.replica import GapError, Replica
from counterfoil.gate.replica.proof import Doubt
from counterfoil.kernel.clock import Ticks, system_ticks
from counterfoil.runtime.signing import PublicKey

WAITING: Final = 1_000
"""So many frames wait at most; what comes beyond that is lost, and asked for."""
WAITING_BYTES: Final = 16 << 20
LONGEST_BYTES: Final = 2 << 20
"""No bus of ours carries more: whatever is longer is lost, too."""
DRAIN_S: Final = 0.05
"""So long a gate takes in what waits before it asks, for its lease is renewed by that alone."""
UNFIT_S: Final = 0.05
"""So often it asks for what does not fit: who runs a bus can bring the same again and again."""
MOST_PAGES: Final = 2_000
"""A gate that lacks more asks the office: its pages are larger."""
FIRST_S: Final = 0.5
"""So long a gate that begins waits for the bus, before it asks the office for what it missed."""


class Kept(Protocol):
    """A frame of a stream, and its number there."""

    @property
    def number(self) -> int:
        """The number."""
        ...

    @property
    def frame(self) -> bytes:
        """The frame."""
        ...


class Bus(Protocol):
    """What brings frames."""

    @property
    def is_up(self) -> bool:
        """Whether there is a connection now, as far as anybody knows."""
        ...

    def start(self) -> None:
        """Begin to keep a connection up, if nobody did."""
        ...

    def wait_up(self, within_s: float) -> bool:
        """Return whether there is a connection, which may take so long to come."""
        ...

    def last(self) -> Kept | None:
        """Return the last frame that is kept; None if none is, or nobody says."""
        ...

    def read(self, first: int, last: int) -> list[bytes]:
        """Return the frames that are kept, from one number to another."""
        ...


class Found(IntEnum):
    """What a frame was to a gate."""

    NEW = 0
    OLD = 1
    UNFIT = 2
    FORGED = 3
    FORKED = 4


class Tally(Protocol):
    """Counts what is heard."""

    def heard(self, found: Found) -> None:
        """Count a frame."""
        ...

    def bus_is_up(self, is_up: bool) -> None:  # noqa: FBT001 - a claim about the bus
        """Say whether there is a connection."""
        ...


class Inbox:
    """Where the bus leaves its frames for the thread that follows the feed."""

    def __init__(self) -> None:
        self._frames: Queue[bytes] = Queue(WAITING)
        self._lock = threading.Lock()
        self._size = 0

    def hear(self, frame: bytes) -> None:
        """Take a frame, if there is room; nobody waits for that."""
        size = len(frame)
        with self._lock:
            if size <= LONGEST_BYTES and self._size + size <= WAITING_BYTES:
                with suppress(Full):
                    self._frames.put_nowait(frame)
                    self._size += size

    def next(self, within_s: float) -> bytes | None:
        """Return the next frame; None if none comes."""
        try:
            frame = self._frames.get(within_s > 0, within_s or None)
        except Empty:
            return None
        with self._lock:
            self._size -= len(frame)
        return frame


class News:
    """What one gate hears.

    Args:
        replica: of this host.
        bus: brings the frames, and keeps some.
        inbox: where the bus leaves them.
        key: under which the office signs.
        tally: counts what is heard.
        ticks: seconds since this machine began.
    """

    def __init__(
        self,
        replica: Replica,
        bus: Bus,
        inbox: Inbox,
        key: PublicKey,
        tally: Tally,
        *,
        ticks: Ticks = system_ticks,
    ) -> None:
        self._replica = replica
        self._bus = bus
        self._inbox = inbox
        self._key = key
        self._tally = tally
        self._ticks = ticks
        self._told = 0
        self._unfit_at = -UNFIT_S
        self._ask_by = inf
        self._has_read = False

    def is_current(self) -> bool:
        """Say whether the bus is there, and has told of everything that the gate knows."""
        return self._bus.is_up and self._told >= self._replica.position()

    def wait(self, within_s: float) -> bool:
        """Take in what came, and wait for more for so long; return when there is reason to ask.

        Returns False at once if the bus is not to be waited for.
        """
        self._bus.start()
        self._tally.bus_is_up(self._bus.is_up)
        self._ask_by = inf
        if self._drain():
            return True
        if not self.is_current():
            return False
        end = self._ticks() + within_s
        while (left := min(end, self._ask_by) - self._ticks()) > 0:
            frame = self._inbox.next(left)
            if frame is None:
                break
            if self._is_reason(self._take(frame)):
                self._drain()
                break
        if self._ask_by <= self._ticks():
            self._unfit_at = self._ticks()
        return True

    def catch_up(self) -> None:
        """Take in what a stream has kept since this gate stood where it stands, once at its start.

        It is a favour to the office: what is missing then is asked for.
        """
        if self._has_read or not self._replica.position():
            return
        self._has_read = True
        self._bus.start()
        if not self._bus.wait_up(FIRST_S) or (last := self._bus.last()) is None:
            return
        page = self._page(last.frame)
        lacks = 0 if page is None else page.end - self._replica.position()
        if 0 < lacks <= MOST_PAGES:  # each page that was told has one event at least
            frames = self._bus.read(max(1, last.number - lacks + 1), last.number)
            for one in sorted(self._pages(frames), key=lambda page: page.after):
                self._fit(one)

    def _pages(self, frames: Iterable[bytes]) -> Iterator[Page]:
        return filter(None, map(self._page, frames))

    def _drain(self) -> bool:
        """Take in what waits; return whether there is reason to ask."""
        reason, end = False, self._ticks() + DRAIN_S
        while (frame := self._inbox.next(0)) is not None:
            reason = self._is_reason(self._take(frame)) or reason
            if self._ticks() >= end:
                return True
        return reason

    def _is_reason(self, found: Found) -> bool:
        """Say whether to ask now; for what does not fit that is every so often, and soon."""
        if found is not Found.UNFIT:
            return found in {Found.NEW, Found.FORKED}
        now = self._ticks()
        if now - self._unfit_at < UNFIT_S:
            self._ask_by = self._unfit_at + UNFIT_S
            return False
        self._unfit_at = now
        return True

    def _take(self, frame: bytes) -> Found:
        page = self._page(frame)
        return Found.FORGED if page is None else self._fit(page)

    def _page(self, frame: bytes) -> Page | None:
        """Return what was told to all under the office's key; None for anything else."""
        try:
            return unsealed(frame, self._key, Page, TO_ALL)
        except ForgedError:
            self._tally.heard(Found.FORGED)
            return None
        except UnknownEventError:
            self._tally.heard(Found.UNFIT)
            return None

    def _fit(self, page: Page) -> Found:
        found = self._fitted(page)
        self._tally.heard(found)
        return found

    def _fitted(self, page: Page) -> Found:
        place = self._replica.place()
        epoch, position = place.epoch, place.position
        if page.epoch < epoch:
            return Found.OLD
        if page.epoch > epoch:
            return Found.UNFIT
        self._told = max(self._told, page.end)
        if page.end < position:
            return Found.OLD
        try:
            events = page.read() if page.end > position else []
            chain = page.links(position, place.proof.chain)
            return Found.NEW if self._replica.take(events, chain) else Found.OLD
        except ForkedError:
            self._replica.doubt(Doubt.FORKED)
            return Found.FORKED
        except (GapError, UnknownEventError):
            return Found.UNFIT
