"""Stacked bars as an inline picture: where each piece of each bar stands.

The picture is stretched to the width that there is, so that all that has to keep its shape, such as
words, stands beside it and not in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=str)

WIDTH: Final = 1_000
HEIGHT: Final = 100
"""The units of the picture, in both directions."""

_GAP: Final = 0.25
"""How much of a column is left free."""
_STEPS: Final = (1, 2, 4, 5, 10)


@dataclass(frozen=True, slots=True)
class Part(Generic[K]):
    """A piece of a bar, of one kind; `y` is its upper edge."""

    kind: K
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar(Generic[K]):
    """A bar with all that stands upon another in it.

    Attributes:
        counts: how often, by kind.
        place: where its column begins, of the whole column's `room`, all of which tells of it.
    """

    at: datetime
    counts: Mapping[K, int]
    place: float
    room: float
    x: float
    width: float
    parts: tuple[Part[K], ...]

    @property
    def total(self) -> int:
        """How often in all."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Chart(Generic[K]):
    """Bars beside each other; `top` is how often the upper edge stands for."""

    top: int
    bars: tuple[Bar[K], ...]


def chart(pieces: Sequence[tuple[datetime, Mapping[K, int]]], kinds: Sequence[K]) -> Chart[K]:
    """Return bars for these counts.

    Args:
        pieces: when each begins, with how often, by kind.
        kinds: in which order they stand, the lowest first.
    """
    top = ceiling(max((sum(counts.values()) for _, counts in pieces), default=0))
    room = WIDTH / max(len(pieces), 1)
    bars = [
        Bar(
            at=at,
            counts=counts,
            place=round(place * room, 2),
            room=round(room, 2),
            x=round((place + _GAP / 2) * room, 2),
            width=round(room * (1 - _GAP), 2),
            parts=_stacked(counts, kinds, top),
        )
        for place, (at, counts) in enumerate(pieces)
    ]
    return Chart(top, tuple(bars))


def ceiling(most: int) -> int:
    """Return a round number that is not below this one, and not far above it; at least 4."""
    size = 1
    while size * 10 < most:
        size *= 10
    return max(4, next(step * size for step in _STEPS if step * size >= most))


def _stacked(counts: Mapping[K, int], kinds: Sequence[K], top: int) -> tuple[Part[K], ...]:
    parts: list[Part[K]] = []
    below = 0
    for kind in kinds:
        count = counts.get(kind, 0)
        below += count
        if count:
            height = count * HEIGHT / top
            parts.append(Part(kind, round(HEIGHT - below * HEIGHT / top, 2), round(height, 2)))
    return tuple(parts)
