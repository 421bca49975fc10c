"""Pace: how often a token may be used, if its grant or the policy says so.

All processes of a host count together. The count is opened at the first request that needs it,
hence after the fork: most gates never see such a token.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Final, NamedTuple

from counterfoil.access.caller import Caller
from counterfoil.gate.limits import Count, Counters
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.errors import Limited

OWN: Final = "own"
"""The limit of a token's own grant."""
ORGANIZATIONS: Final = "token"
"""The limit that the policy of an organization sets to each of its tokens."""


class Told(NamedTuple):
    """How a request stands to one limit, which has a name, and is for so many seconds."""

    policy: str
    stands: Count
    window_s: int


class Pace:
    """Counts the requests of tokens that something bounds.

    Args:
        path: the file that the processes of the host share.
        clock: what time it is.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._opened: tuple[int, Counters] | None = None

    def count(self, caller: Caller, rate: float | None = None) -> Sequence[Told]:
        """Count a request in each limit that there is for it.

        Args:
            caller: whose it is.
            rate: how many a second the policy allows each token; None for any number.
        """
        if rate is None and caller.grant.conditions.rate is None:
            return ()
        return self._told(caller, rate, comes=True)

    def look(self, caller: Caller, rate: float | None = None) -> Sequence[Told]:
        """Say how a request would stand to each limit, and count none."""
        return self._told(caller, rate, comes=False)

    def _told(self, caller: Caller, rate: float | None, *, comes: bool) -> Sequence[Told]:
        if rate is None and caller.grant.conditions.rate is None:
            return ()
        counters = self._counters()
        own = counted(counters, caller, comes=comes)
        policy = None if rate is None else counted_by_policy(counters, caller, rate, comes=comes)
        return [one for one in (own, policy) if one is not None]

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
    return Told(OWN, count, rate.seconds)


def counted_by_policy(
    counters: Counters, caller: Caller, rate: float, *, comes: bool = True
) -> Told | None:
    """Count a request, if one comes, in the rate that the policy sets, in requests a second."""
    who = caller.counted_as
    if who is None:
        return None
    return Told(ORGANIZATIONS, counters.pace(who, rate, max(1, ceil(rate)), comes=comes), 1)


def headers(told: Sequence[Told]) -> dict[str, str]:
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


def require_patience(told: Sequence[Told], about: object = None) -> None:
    """Return if a request is within each of its limits.

    Args:
        told: how it stands to them.
        about: what else is known of it, for whoever keeps a trail.

    Raises:
        Limited: RATE_LIMIT_EXCEEDED, of the first that it is beyond.
    """
    for one in told:
        if not one.stands.allowed:
            error = Limited(
                detail="This token makes more requests than it may.",
                meta={"violated-policies": [one.policy], "limit": one.stands.limit},
            )
            error.about = about
            raise error


def _reset_s(count: Count) -> int:
    return max(0, ceil(count.reset_s))
