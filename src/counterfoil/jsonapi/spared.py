"""Which doors answer though the gate turned the request away."""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.route import Route
from counterfoil.kernel.errors import Code, CounterfoilError, Refused

_OF_THE_SERVER: Final = "Server"
"""The section of the doors that tell of the server itself, and hold nothing of anybody's."""


def is_spared(route: Route, refusal: CounterfoilError) -> bool:
    """Say whether a door is open all the same: to anybody, or because it tells of the server."""
    if refusal.code is Code.QUARANTINED:
        return route.section == _OF_THE_SERVER
    return route.open and isinstance(refusal, Refused)
