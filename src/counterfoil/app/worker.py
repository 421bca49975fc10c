"""A worker process of the server: what answers in it, and how it leaves.

Signals have three traps here, each of which made a stop wait for the kill:

* A worker inherits its parent's handler, which means nothing in it, until Granian sets its own. So
  a SIGTERM that comes while it is being built would be taken and forgotten.
* Ctrl-C reaches every process of the terminal, and the parent says SIGTERM besides. Two signals at
  once may both be taken by a thread that is not the main one, which then sleeps on: Python runs
  handlers in the main thread alone. So a worker leaves SIGINT to its parent, and SIGHUP too.
* Granian's multi-threaded runtime may miss its own end; `serve` asks for the other one.
"""

from __future__ import annotations

import multiprocessing.util
import os
import signal
from types import FrameType
from typing import Final

import structlog

from counterfoil.app.build import App, build
from counterfoil.jsonapi.guard import Guard
from counterfoil.runtime import logging, settings

_PARENTS: Final = {signal.SIGINT, signal.SIGHUP}

log = structlog.get_logger(__name__)


def worker() -> Guard:
    """Make what this process answers with; after the fork."""
    _leave_when_told()
    given = settings.load()
    settings.forget()
    logging.configure(given.log_level)
    app = build(given)
    app.start()
    multiprocessing.util.Finalize(None, _close, (app,), exitpriority=100)
    return app.wsgi


def _leave_when_told() -> None:
    """From here on a SIGTERM ends this process, until Granian hears it and drains first."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _PARENTS)
    inherited = signal.signal(signal.SIGTERM, _leave)
    server = getattr(inherited, "__self__", None)
    if getattr(server, "interrupt_signal", False):  # it came before this line, and was taken
        _leave()


def _leave(_number: int = 0, _frame: FrameType | None = None) -> None:
    """Leave as if killed: nothing was served, and an exception might end in somebody's callback."""
    os._exit(0)


def _close(app: App) -> None:
    app.close()
    log.info("worker left")
