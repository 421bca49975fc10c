"""What is done again and again in the background: a thread for each, and one way to end it."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from counterfoil.kernel.plain import why

STOP_S: Final = 5.0
"""How long the end of a turn is waited for."""

_FAILED: Final = "failed, and is tried again"
_REASONS: Final = 5
"""So many reasons are told at most until it goes well again."""
_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC

log = structlog.get_logger(__name__)


class Repeating:
    """A thread that does something every so often, from `start` to `stop`.

    A turn that fails is followed by the next one all the same. The log says so once for each reason
    that it had since it went well, of the first few, and once more when it goes well again.

    Args:
        name: what is done, for the log and the thread.
        act: one turn of it.
        every_s: the pause between two turns, in seconds.
        lock: the file by which the processes of a host agree on who of them does it, while the
            others stand by in case it dies. Without one, each does it for itself.
        rests: whether it pauses after a turn that went well, too; a turn that is long need not.
    """

    def __init__(
        self,
        name: str,
        act: Callable[[], object],
        every_s: float,
        lock: Path | None = None,
        *,
        rests: bool = True,
    ) -> None:
        self.name = name
        self._act = act
        self._every_s = every_s
        self._rests = rests
        self._file = None if lock is None else os.open(lock, _FLAGS, 0o600)
        self._halted = threading.Event()
        self._woken = threading.Event()
        self._ended = threading.Condition()
        self._begun = self._done = self._well = 0
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._told: set[str] = set()
        self._well_at: float | None = None

    def start(self) -> None:
        """Begin; after the fork."""
        self._well_at = time.monotonic()
        self._thread.start()

    def now(self, within_s: float) -> bool:
        """Begin a turn at once; say whether one that began after this was called has gone well.

        Several who ask meanwhile share a turn. Nobody waits longer than so many seconds, whatever
        the turn waits for. Where no thread runs, whoever asks takes the turn.
        """
        if not self._thread.is_alive():
            return self._turn()
        with self._ended:
            wanted = self._begun + 1
            self._woken.set()
            self._ended.wait_for(lambda: self._done >= wanted, within_s)
            return self._well >= wanted

    def halt(self) -> None:
        """Begin no further turn."""
        self._halted.set()
        self._woken.set()

    def stop(self, within_s: float = STOP_S) -> bool:
        """End, and let another process of the host take over; return whether it has ended.

        A turn that takes longer is left to itself: it ends with the process, and until then no
        other one takes over.
        """
        self.halt()
        if self._thread.ident is not None:
            self._thread.join(within_s)
        if self._thread.is_alive():
            log.warning("a turn takes too long, and is left to itself", doing=self.name)
            return False
        if self._file is not None:
            os.close(self._file)
            self._file = None
        return True

    def unwell_s(self) -> float:
        """Return how long ago a turn has gone well: they fail since, or one does not end.

        That says something where each process acts for itself. It is counted from the start.
        """
        return 0.0 if self._well_at is None else time.monotonic() - self._well_at

    def _run(self) -> None:
        while not self._halted.is_set():
            self._woken.clear()
            with self._ended:
                self._begun += 1
            went_well = self._is_mine() and self._turn()
            with self._ended:
                self._done = self._begun
                self._well = self._begun if went_well else self._well
                self._ended.notify_all()
            if not self._halted.is_set() and (self._rests or not went_well):
                self._woken.wait(self._every_s)

    def _turn(self) -> bool:
        try:
            self._act()
        except Exception as error:
            if told := self._news(error):
                log.exception(_FAILED, doing=self.name, **told)
            return False
        else:
            if self._told:
                log.info("goes well again", doing=self.name)
            self._told.clear()
            self._well_at = time.monotonic()
            return True

    def _news(self, error: Exception) -> dict[str, str]:
        """Return why a turn failed, if that is another reason than before, and not one too many.

        It is told in words where the failure has words of ours for it, and by its kind elsewhere.
        """
        kind, said = type(error).__name__, why(error)
        told = f"{kind} {said}"
        if told in self._told or len(self._told) >= _REASONS:
            return {}
        self._told.add(told)
        return {"error": kind, "why": said} if said else {"error": kind}

    def _is_mine(self) -> bool:
        if self._file is None:
            return True
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
