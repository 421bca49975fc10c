"""A worker process of the server: what answers in it, and how it leaves.

Told to stop, Granian takes no more connections, closes those that are idle and waits for the
others, also for a client that has sent half a request and never sends the rest. So it may not end,
and whoever is first ends this process: Granian, when every connection is done; or we, when nobody
has been waiting for an answer for a moment, or has waited for as long as a stop may take. Either
way the books are closed first.
"""

from __future__ import annotations

import multiprocessing.util
import os
import signal
import threading
import time
from typing import Final

import structlog

from counterfoil.app import idle, signals
from counterfoil.app.build import App, build
from counterfoil.app.underway import UnderWay
from counterfoil.runtime import logging, settings

DRAIN_S: Final = 7
"""How long requests under way may take at a stop: less than the ten seconds that a container gets.
Only half a request takes that long, one whose client has stopped sending."""

LINES: Final = 512
"""Connections that a worker holds at a time; others wait for one to end. With its files they are
fewer than the 1,024 that a process may have as a rule."""

_QUIET_S: Final = 1.0
"""After so long without a request under way, the last answer has reached the network."""

_TURN_S: Final = 0.02

log = structlog.get_logger(__name__)


def worker() -> UnderWay:
    """Make what this process answers with; after the fork."""
    signals.hold()
    leaving = Leaving()
    signals.listen(leaving.told, frozenset({signal.SIGTERM}))
    given = settings.load()
    settings.forget()
    logging.configure(given.log_level)
    app = build(given)
    settings.forget_store()
    app.start()
    requests = UnderWay(app.wsgi.answer)
    leaving.may(app, requests)
    idle.watch(app.room, given.port, given.body_timeout, LINES // 2)
    log.info("worker began", pid=os.getpid())
    return requests


class Leaving:
    """How a worker ends: told to, or because Granian did."""

    def __init__(self) -> None:
        self._granians = signal.getsignal(signal.SIGTERM)
        self._ended = threading.Event()
        self._closing = threading.Lock()
        self._house: tuple[App, UnderWay] | None = None

    def may(self, app: App, requests: UnderWay) -> None:
        """Know what there is to close, and which requests to wait for."""
        self._house = app, requests
        multiprocessing.util.Finalize(None, self._end, exitpriority=100)

    def told(self, _signal: int) -> None:
        """Leave, when those who wait have their answers."""
        if self._house is not None:
            _, requests = self._house
            self._drain(requests)
            self._close()
        os._exit(0)

    def _drain(self, requests: UnderWay) -> None:
        """Wait until Granian has ended, or nobody waits for an answer any more."""
        began = time.monotonic()
        stopping = False
        while not self._ended.wait(_TURN_S):
            stopping = stopping or self._stop_granian()
            now = time.monotonic()
            if min(now - began, requests.quiet_s()) > _QUIET_S or now - began > DRAIN_S:
                return

    def _stop_granian(self) -> bool:
        """Do what Granian's own handler does, as soon as it has set one; say whether it has."""
        handler = signal.getsignal(signal.SIGTERM)
        if handler == self._granians or not callable(handler):
            return False
        handler(signal.SIGTERM, None)
        return True

    def _end(self) -> None:
        """Close the books in the main thread, where Granian has returned."""
        self._ended.set()
        self._close()

    def _close(self) -> None:
        with self._closing:
            if self._house is None:
                return
            app, _ = self._house
            self._house = None
            try:
                app.close()
            except Exception as error:
                log.exception("not all was closed", error=type(error).__name__)
            log.info("worker left", pid=os.getpid())
