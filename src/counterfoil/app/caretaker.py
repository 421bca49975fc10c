"""What a server does on its own: follow the feed, and let time take its course.

Every worker process has these threads, and on each host one of them holds the lock and works; should
it die, the next one takes over.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

FOLLOW_S: Final = 0.1
STAND_BY_S: Final = 1.0
SWEEP_S: Final = 30.0

log = structlog.get_logger(__name__)


class Caretaker:
    """A thread that does its rounds while it holds the lock of this host.

    Args:
        lock: the file that the one who works holds.
        follow: done ten times a second.
        sweep: done twice a minute.
    """

    def __init__(
        self, lock: Path, follow: Callable[[], object], sweep: Callable[[], object]
    ) -> None:
        self._path = lock
        self._follow = follow
        self._sweep = sweep
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="caretaker", daemon=True)

    def start(self) -> None:
        """Begin; after the fork."""
        self._thread.start()

    def close(self) -> None:
        """Stop, and let another process take over."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        with self._path.open("ab") as file:
            while not self._held(file.fileno()):
                if self._stop.wait(STAND_BY_S):
                    return
            rounds = 0
            while not self._stop.wait(FOLLOW_S):
                _try(self._follow, "the replica does not follow")
                if rounds % round(SWEEP_S / FOLLOW_S) == 0:
                    _try(self._sweep, "the sweep waits")
                rounds += 1

    @staticmethod
    def _held(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _try(act: Callable[[], object], otherwise: str) -> None:
    try:
        act()
    except Exception as error:  # noqa: BLE001 - the next round tries again
        log.warning(otherwise, error=type(error).__name__)
