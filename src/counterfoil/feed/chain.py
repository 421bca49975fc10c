"""The chain of the feed: a value at each position that says all that was told up to there (R13).

    chain at n   SHA-256 of the chain at n - 1, the position n, the version of the wire, the event

Two who stand at the same position with the same chain have been told the same, from where the chain
begins. Who was told something else, by an office that went on from a copy, has another value for
good. Where an office of a release that knows of no chain wrote last, it is computed from there on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from struct import Struct
from typing import Final

from counterfoil.kernel.plain import PlainError

CHAIN_BYTES: Final = 32
UNKNOWN: Final = b""
"""Where nobody can say what the chain is: nothing is compared with that."""
_PLACE: Final = Struct(">QI")

Written = tuple[int, int, bytes]
"""Where an event stands, its version, and its body."""


def linked(before: bytes, position: int, version: int, body: bytes) -> bytes:
    """Return the chain at a position, where this event stands; it may begin there."""
    return sha256(before + _PLACE.pack(position, version) + body).digest()


def links(before: bytes, written: Iterable[Written]) -> Iterator[tuple[int, bytes]]:
    """Yield the chain at each position of some events that follow one another."""
    for position, version, body in written:
        before = linked(before, position, version, body)
        yield position, before


class ForkedError(PlainError):
    """What was told does not go on from what was told before: there are two histories.

    Nobody can say from here which one is the office's. So who meets this stops, and takes in
    nothing more of either before a person has looked, or the database has begun another life.
    """

    def __init__(self, position: int) -> None:
        super().__init__(f"the office tells another history than the one known up to {position}")
        self.position = position
