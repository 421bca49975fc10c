"""Surfaces: the three faces of the content platform that a token may be let in at."""

from __future__ import annotations

from enum import Enum
from typing import Final, TypeAlias

Surfaces: TypeAlias = int
"""A set of surfaces, one bit each."""


class Surface(Enum):
    """Delivery shows what is published, preview shows drafts, management changes things."""

    DELIVERY = "delivery"
    PREVIEW = "preview"
    MANAGEMENT = "management"

    bit: Surfaces

    __hash__ = object.__hash__  # an enum's own is a function in Python, and sets ask for it

    def __init__(self, _spelling: str) -> None:
        self.bit = 1 << len(type(self).__members__)

    def __str__(self) -> str:
        return str(self.value)


NO_SURFACES: Final[Surfaces] = 0
ALL_SURFACES: Final[Surfaces] = sum(surface.bit for surface in Surface)


def surfaces(*wanted: Surface) -> Surfaces:
    """Return the set of these surfaces."""
    mask = NO_SURFACES
    for surface in wanted:
        mask |= surface.bit
    return mask


def spell_surfaces(mask: Surfaces) -> tuple[str, ...]:
    """Return the spellings of a set of surfaces, in their order of power."""
    return tuple(str(surface) for surface in Surface if mask & surface.bit)
