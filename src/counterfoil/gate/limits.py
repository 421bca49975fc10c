"""How often: limits that all processes of a host count together, in a file mapped by each of them.

Never in the replica: a write there ends what every process remembers of it. A counter is worth
nothing after a restart, so the file is never flushed.

    window   a fixed window: so many requests in so many milliseconds, then a new window
    pace     the generic cell rate algorithm: so many a second, with room for a burst; each token
             has two, one for what its organization allows and one of its own
"""

from __future__ import annotations

import mmap
import os
from pathlib import Path
from struct import Struct
from typing import Final, NamedTuple

from counterfoil.kernel.clock import Clock
from counterfoil.kernel.ids import TokenId
from counterfoil.runtime.hostlock import HostLock

SLOTS: Final = 1 << 16
PROBES: Final = 64
"""So many neighbouring slots a counter may be found in."""
PATIENCE_S: Final = 0.05
"""So long is waited for a process that stands still as it counts: nobody else would be answered."""

_SLOT: Final = Struct("=QdI4x")
"""whose, the Unix second from which it is empty again, how many"""
_MILLI: Final = 1000
_ROUNDING_S: Final = 1e-6  # what a float of Unix seconds may be off
_PACE: Final = 0
_OWN_PACE: Final = 15
_WINDOW: Final = 1
"""The first window; further ones of the same token follow it."""

_KIND_BITS: Final = 4
_MIX: Final = 0x9E3779B97F4A7C15


class Count(NamedTuple):
    """How a request stands to its limit.

    Attributes:
        allowed: whether it is within it.
        limit: how many are.
        remaining: how many more are, now.
        reset_s: seconds until all of them are again.
        retry_s: seconds until one more is; 0 if one is now.
    """

    allowed: bool
    limit: int
    remaining: int
    reset_s: float
    retry_s: float


class Counters:
    """The counters of one host. Open it in each process, after the fork.

    Whatever counts raises Unserved where a process that counts stands still.
    """

    def __init__(self, path: Path, clock: Clock, slots: int = SLOTS) -> None:
        self._now = clock.seconds
        self._slots = slots
        self._alone = HostLock(path, PATIENCE_S)
        size = slots * _SLOT.size
        if os.fstat(self._alone.file).st_size < size:
            os.posix_fallocate(self._alone.file, 0, size)  # a hole would be SIGBUS on a full disk
        self._table = mmap.mmap(self._alone.file, size)

    def window(self, token: TokenId, limit: int, window_ms: int, lane: int = 0) -> Count:
        """Count a request in the token's present window, of which each lane has one of its own.

        Args:
            token: whose it is.
            limit: how many requests a window has room for.
            window_ms: how long it is.
            lane: which of them, from 0 to 13.
        """
        kind = _WINDOW + lane
        with self._alone:
            now = self._now()
            length = window_ms / _MILLI
            at, ends, used = self._find(token, kind, now, now + length)
            if not now < ends <= now + length:
                ends, used = now + length, 0
            if at < 0:
                used = limit
            allowed = used < limit
            if allowed:
                used += 1
                self._put(at, token, kind, ends, used)
        left = ends - now
        return Count(allowed, limit, max(limit - used, 0), left, 0.0 if used < limit else left)

    def pace(
        self,
        token: TokenId,
        rate: float,
        burst: int,
        *,
        own: bool = False,
        comes: bool = True,
    ) -> Count:
        """Count a request of a token that may make `rate` a second, and `burst` at once.

        What it may make of its `own` accord is counted apart from what its organization allows. If
        none `comes`, it is said how one would stand, and nothing is counted.
        """
        kind = _OWN_PACE if own else _PACE
        gap = 1 / rate
        room = gap * burst
        with self._alone:
            now = self._now()
            at, due, _ = self._find(token, kind, now, now)
            late = due > now + room  # the clock was set back, or the rate is another one
            due = min(max(due, now), now + room)
            allowed = at >= 0 and due + gap <= now + room + _ROUNDING_S
            if allowed and comes:
                due += gap
            if comes and (allowed or (late and at >= 0)):
                self._put(at, token, kind, due, 0)
        remaining = int((now + room - due) / gap + 1e-6)
        return Count(allowed, burst, remaining, due - now, max(0.0, due + gap - now - room))

    def _find(self, token: int, kind: int, now: float, otherwise: float) -> tuple[int, float, int]:
        """Return where the counter stands, and what it says; -1 where the neighbourhood is full.

        A full neighbourhood refuses: a limit that gives way under load limits nothing.
        """
        key = token << _KIND_BITS | kind
        home = (key * _MIX >> 32) % self._slots
        free = -1
        for step in range(min(PROBES, self._slots)):
            at = (home + step) % self._slots * _SLOT.size
            whose, ends, used = _SLOT.unpack_from(self._table, at)
            if whose == key:
                return at, ends, used
            if free < 0 and ends <= now:
                free = at
            if whose == 0:
                break
        return free, otherwise, 0

    def _put(self, at: int, token: int, kind: int, ends: float, used: int) -> None:
        _SLOT.pack_into(self._table, at, token << _KIND_BITS | kind, ends, used)

    def close(self) -> None:
        """Give the file back."""
        self._table.close()
        self._alone.close()
