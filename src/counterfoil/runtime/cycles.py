"""How often Python looks for cycles: rarely while a program starts, and seldom once it serves.

Nearly all that a start makes stays, the modules and their classes. To go through it again and again
is a fifth of a start, and finds nothing. What a server puts on record waits for a tenth of a
second in its memory, and to go through that at each 700th object is a tenth of what it does.
"""

from __future__ import annotations

import gc
from typing import Final

_STARTING: Final = (50_000, 20, 100)
_SERVING: Final = (10_000, 10, 10)


def seek_rarely() -> None:
    """Look at new objects when there are 50,000, and not at 700."""
    gc.set_threshold(*_STARTING)


def seek_serving() -> None:
    """Look at what is made from here on when there are 10,000 of it; what is there now stays."""
    gc.freeze()
    gc.set_threshold(*_SERVING)
