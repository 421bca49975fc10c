"""Chance is an argument: nothing outside this module throws dice."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final, TypeAlias

Entropy: TypeAlias = Callable[[int], bytes]
"""Given a number of bytes, returns that many unpredictable ones."""

system_entropy: Final[Entropy] = secrets.token_bytes

_AT_ONCE: Final = 64


def names(entropy: Entropy, size: int) -> Callable[[], str]:
    """Return what gives another name at each call: so many bytes in hex.

    They are drawn by the dozen: whoever asks the system lets go of Python's lock, and gets it back
    behind other requests. They wait in memory for that long, so they are good for no secret.
    """
    drawn: list[str] = []
    chars = 2 * size
    cuts = [slice(at, at + chars) for at in range(0, chars * _AT_ONCE, chars)]

    def draw() -> str:
        try:
            return drawn.pop()
        except IndexError:
            drawn.extend(map(entropy(size * _AT_ONCE).hex().__getitem__, cuts))
            return drawn.pop()

    return draw
