"""Time is an argument: nothing outside this module asks what time it is."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Final, Protocol


class Clock(Protocol):
    """Says what time it is, in the two forms that the house needs."""

    def __call__(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        ...

    def seconds(self) -> float:
        """Return the present instant in Unix seconds, for the hot path."""
        ...


class SystemClock:
    """The clock of the machine."""

    def __call__(self) -> datetime:
        """Return the present instant."""
        return datetime.now(UTC)

    seconds = staticmethod(time.time)


system_clock: Final[Clock] = SystemClock()

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO: Final = 1_000_000


def micros(instant: datetime) -> int:
    """Return an aware instant as whole microseconds since 1970, exactly."""
    gone = instant - _EPOCH
    return (gone.days * 86_400 + gone.seconds) * _MICRO + gone.microseconds


def instant(since_epoch: int) -> datetime:
    """Return the aware instant so many microseconds after 1970."""
    seconds, rest = divmod(since_epoch, _MICRO)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)
