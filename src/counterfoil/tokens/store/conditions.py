"""Conditions in the database: an object of those that there are, in one column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from counterfoil.access.conditions import NONE, Conditions, Rate
from counterfoil.access.networks import networks
from counterfoil.kernel.clock import instant, micros


def written(conditions: Conditions) -> dict[str, Any] | None:
    """Return conditions as the column keeps them; NULL for none."""
    found: dict[str, Any] = {}
    if conditions.networks is not None:
        found["networks"] = list(conditions.networks.spelled)
    if conditions.rate is not None:
        found["rate"] = [conditions.rate.requests, conditions.rate.seconds]
    if conditions.not_before is not None:
        found["not_before"] = micros(conditions.not_before)
    return found or None


def read(kept: Mapping[str, Any] | None) -> Conditions:
    """Read conditions from what the column holds."""
    if kept is None:
        return NONE
    where, rate, since = (kept.get(name) for name in ("networks", "rate", "not_before"))
    return Conditions(
        networks=None if where is None else networks(where),
        rate=None if rate is None else Rate(*rate),
        not_before=None if since is None else instant(since),
    )
