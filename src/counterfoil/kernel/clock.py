"""Time is an argument: nothing outside this module asks what time it is."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Final, Protocol, TypeAlias

from counterfoil.kernel.errors import Code, Invalid


class Clock(Protocol):
    """Says what time it is, in the forms that the house needs."""

    def __call__(self) -> datetime:
        """Return the present instant, aware and in UTC."""
        ...

    def seconds(self) -> float:
        """Return the present instant in Unix seconds, for the hot path."""
        ...

    def least(self) -> float:
        """Return how late it is at the least, in Unix seconds: what begins goes by that (R6)."""
        ...


class SystemClock:
    """The clock of the machine."""

    def __call__(self) -> datetime:
        """Return the present instant."""
        return datetime.now(UTC)

    seconds = least = staticmethod(time.time)


system_clock: Final[Clock] = SystemClock()

Ticks: TypeAlias = Callable[[], float]
"""Says how many seconds this machine has been up. Nobody sets it, and it goes on in suspend."""

system_ticks: Final[Ticks] = partial(
    time.clock_gettime, getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO: Final = 1_000_000


LATEST_US: Final = 253_402_300_799_000_000
"""The end of the year 9999, and of what an instant can be, in microseconds since 1970."""


def micros(instant: datetime) -> int:
    """Return an aware instant as whole microseconds since 1970, exactly."""
    gone = instant - _EPOCH
    return (gone.days * 86_400 + gone.seconds) * _MICRO + gone.microseconds


def in_micros(seconds: float) -> int:
    """Return Unix seconds as whole microseconds."""
    return int(seconds * _MICRO)


def instant(since_epoch: int) -> datetime:
    """Return the aware instant so many microseconds after 1970."""
    seconds, rest = divmod(since_epoch, _MICRO)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


_RFC3339: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def read_instant(text: str, field: str | None = None) -> datetime:
    """Return the instant that a date with time and offset names: `2026-03-01T12:00:00Z` (S24).

    Args:
        text: RFC 3339, and nothing looser.
        field: the JSON pointer to it, for the failure.

    Raises:
        Invalid: for every other spelling, and for an instant before the year 1 or after 9999.
    """
    try:
        if _RFC3339.fullmatch(text):
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Invalid(
        Code.INVALID_FIELD,
        "An instant is a date, a time and an offset, like 2026-03-01T12:00:00Z.",
        field=field,
    )


def spell_instant(at: datetime) -> str:
    """Spell an instant in UTC, cut to the second: `2026-03-01T12:00:00Z`.

    That is for headers and for people. A body holds the instant itself, and msgspec spells it.
    """
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def spell_whole(at: datetime) -> str:
    """Spell an instant in UTC as msgspec does, for bodies that others make: to the microsecond."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
