"""Counts the books again and again, so that what has changed in them by itself is found (R13).

It takes a hundredth of one processor at most, and rests after a few rows, so no decision waits for
it. Where the books change all the time it begins anew each time, and comes to an end when they do
not for as long as it takes: a second for some hundred thousand tokens.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import structlog

from counterfoil.gate.replica.standing import Standing
from counterfoil.kernel.clock import Ticks, system_ticks

TURN_S: Final = 5.0
EVERY_S: Final = 60.0
REST_S: Final = 0.0005
"""So long it rests, after what takes a fifth of that."""
SHARE: Final = 100
TRIES: Final = 5
PERSISTS_S: Final = 60.0
"""After so long of somebody saying that the books differ they are built anew, right or not."""
ANEW_S: Final = 3_600.0
"""So often at most, as whoever has the credential of a gate can say so again and again."""

log = structlog.get_logger(__name__)


class Scrub:
    """Counts the books of one host; one process does.

    Args:
        replica: of this host.
        mend: is called when something else stands in it than it was told; whoever follows a feed
            does it there.
        is_urgent: whether somebody says so.
        ticks: seconds since this machine began.
        sleep: waits.
    """

    def __init__(
        self,
        replica: Standing,
        mend: Callable[[], object] = lambda: None,
        is_urgent: Callable[[], bool] = lambda: False,
        *,
        ticks: Ticks = system_ticks,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._replica = replica
        self._mend = mend
        self._is_urgent = is_urgent
        self._ticks = ticks
        self._sleep = sleep
        self._from = 0.0
        self._may_from = 0.0
        self._said_from: float | None = None
        self._anew_from = 0.0

    def turn(self) -> None:
        """Count, if it is time; have mended what is not as it was told."""
        began, urgent = self._ticks(), self._is_urgent()
        self._said_from = (self._said_from or began) if urgent else None
        if began < (self._may_from if urgent else self._from):
            return
        right = self._counted()
        ended = self._ticks()
        self._may_from = ended + SHARE * (ended - began)
        self._from = max(self._may_from, ended + EVERY_S)
        if right is False:
            log.error("what stands in the replica is not what it was told, and is built anew")
            self._mend()
        elif right and self._persists(ended):
            log.error("a gate has other books than this host, which are built anew")
            self._anew_from = ended + ANEW_S
            self._mend()

    def _persists(self, now: float) -> bool:
        """Say whether it was said for long that the books differ, and not just mended for that.

        What was told in the feed and what stands in the database can be two things, too: then the
        books that followed are right by themselves, and those that were built anew are, too.
        """
        said = self._said_from
        return said is not None and now - said >= PERSISTS_S and now >= self._anew_from

    def _counted(self) -> bool | None:
        for _ in range(TRIES):
            right = self._replica.count(lambda: self._sleep(REST_S))
            if right is not None:
                return right
        return None
