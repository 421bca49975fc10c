"""Time, as a test has it pass."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

START: Final = datetime(2026, 1, 1, 12, tzinfo=UTC)


class MovableClock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the present instant."""
        return self.now

    def seconds(self) -> float:
        """Return the present instant in Unix seconds."""
        return self.now.timestamp()

    def least(self) -> float:
        """Return the same: nobody sets it wrong."""
        return self.seconds()

    def move_on(self, **by: float) -> None:
        """Let so much time pass: `days=31`, `seconds=1`."""
        self.now += timedelta(**by)
