"""How the processes of a server hear signals: in a thread that waits for nothing else.

Python runs the handlers of signals in the main thread alone, and Granian's main threads sleep for
as long as they serve. The kernel may give a signal to any thread that does not block it; where it
was another one than the main, which under load was every second time, the signal was taken down
and its handler never ran: the stop waited for the kill. So every thread blocks them, which what is
forked inherits, and one thread asks for them. A signal that comes before it asks stays pending.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Final

HELD: Final = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
"""What ends a server or renews it; kept from every thread."""


def hold() -> None:
    """Keep the signals from this thread, and from whatever it begins from now on."""
    signal.pthread_sigmask(signal.SIG_BLOCK, HELD)


def listen(heard: Callable[[int], None], numbers: frozenset[signal.Signals] = HELD) -> None:
    """Begin a thread that is told of each signal; they must be held already.

    Args:
        heard: takes the number of a signal, in that thread.
        numbers: the signals to ask for; the others stay pending.
    """

    def ask() -> None:
        while True:
            heard(signal.sigwait(numbers))

    threading.Thread(target=ask, name="signals", daemon=True).start()
