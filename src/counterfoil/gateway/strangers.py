"""Strangers: strings that no book knows, and that may be of a token that was revoked.

They are counted, for the office may know whose they were; a mistyped token is not. To tell them
apart takes a checksum, which is dear, and whoever floods a gate sends another string each time.
"""

from __future__ import annotations

from collections.abc import Callable

from counterfoil.secret import once_known_as


class Strangers(dict[str, bool]):
    """Which strings are counted in one turn; none where it would find no room.

    Args:
        prefix: how this installation's tokens begin.
        has_room: says whether one more would be counted.
    """

    def __init__(self, prefix: str, has_room: Callable[[], bool]) -> None:
        super().__init__()
        self._prefix, self._has_room = prefix, has_room

    def __missing__(self, text: str) -> bool:
        """Look at it, and remember what was seen."""
        counts = self._has_room() and once_known_as(text, self._prefix) is not None
        self[text] = counts
        return counts
