"""Pace: how often a token may be used, if its grant says so, counted by all processes of a host.

The count is opened at the first request that needs it, hence after the fork: most gates never see
such a token.
"""

from __future__ import annotations

import os
import threading
from math import ceil
from pathlib import Path
from typing import NamedTuple

from counterfoil.access.caller import Caller
from counterfoil.gate.limits import Count, Counters
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.errors import Limited


class Told(NamedTuple):
    """How a request stands to one limit, which has a name, and is for so many seconds."""

    policy: str
    stands: Count
    window_s: int


class Pace:
    """Counts the requests of tokens that have a rate of their own.

    Args:
        path: the file that the processes of the host share.
        clock: what time it is.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._opened: tuple[int, Counters] | None = None

    def count(self, caller: Caller) -> Told | None:
        """Count a request; None if nothing bounds how often its token is used."""
        if caller.grant.conditions.rate is None:
            return None
        return counted(self._counters(), caller)

    def look(self, caller: Caller) -> Told | None:
        """Say how a request would stand, and count none; None as `count` says."""
        if caller.grant.conditions.rate is None:
            return None
        return counted(self._counters(), caller, comes=False)

    def _counters(self) -> Counters:
        opened, pid = self._opened, os.getpid()
        if opened is None or opened[0] != pid:  # a lock that came through a fork locks nobody out
            with self._lock:
                if self._opened is None or self._opened[0] != pid:
                    self._opened = pid, Counters(self._path, self._clock)
                opened = self._opened
        return opened[1]

    def close(self) -> None:
        """Give the file back, if it was opened."""
        with self._lock:
            if self._opened is not None:
                self._opened[1].close()
                self._opened = None


def counted(counters: Counters, caller: Caller, *, comes: bool = True) -> Told | None:
    """Count a request, if one comes, in the caller's own rate; None if it has none."""
    rate, who = caller.grant.conditions.rate, caller.counted_as
    if rate is None or who is None:
        return None
    count = counters.pace(who, rate.per_second, rate.requests, own=True, comes=comes)
    return Told("own", count, rate.seconds)


def headers(told: list[Told]) -> dict[str, str]:
    """Say it as DatoCMS's clients read it (seconds to wait), and as the draft standard will.

    Of several limits the former can be told of one: that which leaves the least.
    """
    _, least, _ = min(told, key=lambda one: (one.stands.allowed, one.stands.remaining))
    said = {
        "X-RateLimit-Limit": str(least.limit),
        "X-RateLimit-Remaining": str(least.remaining),
        "X-RateLimit-Reset": str(_reset_s(least)),
        "RateLimit-Policy": ", ".join(
            f'"{one.policy}";q={one.stands.limit};w={one.window_s}' for one in told
        ),
        "RateLimit": ", ".join(
            f'"{one.policy}";r={one.stands.remaining};t={_reset_s(one.stands)}' for one in told
        ),
    }
    if not least.allowed:
        said["Retry-After"] = str(max(1, ceil(least.retry_s)))
    return said


def too_fast(told: Told) -> Limited:
    """Return what is said of a request beyond a limit."""
    return Limited(
        detail="This token makes more requests than it may.",
        meta={"violated-policies": [told.policy], "limit": told.stands.limit},
    )


def _reset_s(count: Count) -> int:
    return max(0, ceil(count.reset_s))
