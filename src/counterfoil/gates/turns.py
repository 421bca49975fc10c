"""At which pace gates are taken in: what one of them tells keeps nobody from committing.

Each process of an office takes in one report of a gate at a time. After each piece it rests for as
long as that took, before the next one or its answer: so whoever has one gate's credential holds the
pen half of the time at most, by the thousand rows, and everybody else gets it in between.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from counterfoil.kernel.clock import Ticks, system_ticks
from counterfoil.kernel.errors import Code, Conflict

LONGEST_S: Final = 0.5
"""It rests no longer, for there was somebody else who had the pen for so long."""


class Turns:
    """Whose turn it is in this process.

    Args:
        ticks: seconds since this machine began.
        sleep: waits.
    """

    def __init__(
        self, ticks: Ticks = system_ticks, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._ticks = ticks
        self._sleep = sleep
        self._lock = threading.Lock()
        self._telling: set[bytes] = set()

    @contextmanager
    def one_at_a_time(self, gate: bytes) -> Iterator[None]:
        """Let a gate tell, if it does not already.

        Raises:
            Conflict: if it does.
        """
        with self._lock:
            if gate in self._telling:
                raise Conflict(Code.CONFLICT, "Another report of this gate is being taken in.")
            self._telling.add(gate)
        try:
            yield
        finally:
            with self._lock:
                self._telling.discard(gate)

    @contextmanager
    def resting(self, has_written: bool) -> Iterator[None]:  # noqa: FBT001 - a claim about the piece
        """Rest after a piece for as long as it took, if there was anything to write."""
        began = self._ticks()
        yield
        if has_written:
            self._sleep(min(self._ticks() - began, LONGEST_S))
