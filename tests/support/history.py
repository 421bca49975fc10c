"""What was verified when, and whether a verdict was wrong: every request on one clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException

PASSED, REFUSED = 200, 401
_NEVER = float("inf")
_BREATH_S = 0.005
AWAY = frozenset({502, 503, 504})
"""What says that this one cannot answer now: whoever asks goes on to the next."""

Ask = Callable[[str], int]
"""Asks somebody about a token, and returns the status."""


@dataclass(frozen=True)
class Verified:
    """One verification: when it began and ended, and what was said; None if by nobody."""

    token: str
    began: float
    ended: float
    status: int | None


@dataclass
class History:
    """Who was verified, and from when on which token was dead."""

    verified: list[Verified] = field(default_factory=list)
    dead_since: dict[str, float] = field(default_factory=dict)

    def verify(self, token: str, askers: Iterable[Ask]) -> None:
        """Ask one after another until somebody answers, as a proxy in front of them does."""
        began, status = time.monotonic(), None
        for ask in askers:
            try:
                status = ask(token)
            except (OSError, HTTPException):
                continue
            if status not in AWAY:
                break
        self.verified.append(Verified(token, began, time.monotonic(), status))

    def died(self, token: str) -> None:
        """Take down that its revocation has been answered by now."""
        self.dead_since[token] = time.monotonic()

    def late(self) -> list[Verified]:
        """Return what began after its token was dead."""
        return [one for one in self.verified if one.began > self.dead_since.get(one.token, _NEVER)]

    def wrong(self) -> list[Verified]:
        """Return what let in a token that was dead, and what kept out one that was not yet."""
        return [one for one in self.verified if self._is_wrong(one)]

    def _is_wrong(self, one: Verified) -> bool:
        dead_since = self.dead_since.get(one.token)
        if dead_since is None:
            return one.status != PASSED
        if one.began > dead_since:
            return one.status != REFUSED
        return one.status not in {PASSED, REFUSED}


@contextmanager
def stream(turn: Callable[[], None]) -> Iterator[None]:
    """Do something over and over in a thread of its own, from here to the end of the block.

    It draws breath between two turns, or it would take the processors from those that answer.

    Raises:
        Exception: what ended the thread before.
    """
    over, failed = threading.Event(), []

    def run() -> None:
        try:
            while not over.is_set():
                turn()
                over.wait(_BREATH_S)
        except Exception as error:  # noqa: BLE001 - told to whoever waits
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    for error in failed:
        raise error
