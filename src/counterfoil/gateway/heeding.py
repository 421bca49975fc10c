"""What a gate's first process waits on, so that it hears of a signal whichever thread took it.

Python runs a handler in the first thread alone. The kernel may give a signal to another one, and
does where the first cannot take it just then: a gate that was stopped and went on (SIGCONT, then
SIGTERM) did not end every second time, for a wait without an end is not interrupted by what another
thread took. An office keeps signals from all its threads and asks for them in one; a gate's workers
take theirs by their loop, so here the first process looks up instead.
"""

from __future__ import annotations

import threading
from typing import Final

from granian.server.mp import MPServer

_LOOK_S: Final = 1.0


class Heeding(threading.Event):
    """An event whose waits look up once a second, and let handlers run."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is set; or, with a time, at most so many seconds: say whether it is."""
        if timeout is not None:
            return super().wait(timeout)
        while not super().wait(_LOOK_S):
            pass
        return True


def heeding(server: MPServer) -> MPServer:
    """Let a server hear of signals; return it."""
    server.main_loop_interrupt = Heeding()
    return server
