"""Who names a position of the feed is kept for a moment, until this host stands there (S29).

A thread that waits serves nobody else, so few do at a time: anybody may name any position, before
they have shown who they are. On an event loop a wait holds up nobody, and all may.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Final

from counterfoil.gate.position import MOST_WAITING, WITHIN_S

_LOOK_S: Final = 0.01
_LOOKS: Final = round(WITHIN_S / _LOOK_S)
_places: Final = BoundedSemaphore(MOST_WAITING)


def wait(is_behind: Callable[[], bool]) -> None:
    """Return when it is behind no more, or after a tenth of a second; at once if many wait."""
    if not is_behind() or not _places.acquire(blocking=False):
        return
    try:
        for _ in range(_LOOKS):
            time.sleep(_LOOK_S)
            if not is_behind():
                return
    finally:
        _places.release()


async def wait_on_loop(is_behind: Callable[[], bool]) -> None:
    """Return when it is behind no more, or after a tenth of a second.

    At once on a loop that is not asyncio's, whose sleep we do not know.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    for _ in range(_LOOKS):
        if not is_behind():
            return
        await asyncio.sleep(_LOOK_S)
