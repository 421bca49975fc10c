"""Pieces of a body that end when their caller may no longer be answered (S20).

A large file takes as long as whoever reads it likes. What was taken from them meanwhile is taken at
the next second, and their body ends short of its length.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final, Generic, TypeVar

from counterfoil.access.caller import Caller
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.office import Office

T = TypeVar("T")

EVERY: Final = timedelta(seconds=1)


class Watched(Generic[T]):
    """Pieces that come while the gate knows their caller as it did when they began."""

    def __init__(self, pieces: Iterable[T], office: Office, caller: Caller) -> None:
        self._pieces = pieces
        self._flow = iter(pieces)
        self._office = office
        self._caller = caller
        self._seen_at = office.clock()

    def __iter__(self) -> Watched[T]:
        """Return itself: it flows once."""
        return self

    def __next__(self) -> T:
        """Return the next piece."""
        now = self._office.clock()
        if now - self._seen_at >= EVERY:
            self._seen_at = now
            if not self._stands():
                self.close()
                raise StopIteration
        return next(self._flow)

    def close(self) -> None:
        """Close what the pieces come from."""
        close = getattr(self._pieces, "close", None)
        if close is not None:
            close()

    def _stands(self) -> bool:
        try:
            now = self._office.verify_again(self._caller, None)  # a narrower grant is another one
        except CounterfoilError:
            return False
        return (now.user, now.grant) == (self._caller.user, self._caller.grant)
