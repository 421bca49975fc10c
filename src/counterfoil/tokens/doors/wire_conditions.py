"""From where, since when and how often a token may be used: as it comes in, and as it goes out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, TypeAlias

from msgspec import UNSET, Meta, UnsetType

from counterfoil.access.conditions import LONGEST_S, MOST_REQUESTS, Conditions, Rate
from counterfoil.access.networks import MOST, Networks, read_networks
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.given import Given, Instant
from counterfoil.kernel.clock import read_instant

AT: Final = "/data/attributes"

_CHARS: Final = 60

Ranges: TypeAlias = Annotated[list[Annotated[str, Meta(max_length=_CHARS)]], Meta(max_length=MOST)]


class RateLimit(Body, frozen=True):
    """So many requests in so many seconds: as many at once, then evenly."""

    requests: Annotated[int, Meta(ge=1, le=MOST_REQUESTS)]
    seconds: Annotated[int, Meta(ge=1, le=LONGEST_S)]


class Conditioned(Body, frozen=True):
    """Under which conditions a token works.

    `ip_ranges` is null for any address and empty for none; `rate_limit` null for as often as the
    organization allows; `not_before` null for at once.
    """

    ip_ranges: Ranges | UnsetType | None = UNSET
    rate_limit: RateLimit | UnsetType | None = UNSET
    not_before: str | UnsetType | None = UNSET


class RateFacts(Given, frozen=True):
    """So many requests in so many seconds: as many at once, then evenly."""

    requests: int
    seconds: int


class ConditionFacts(Given, frozen=True):
    """Under which conditions a token works.

    `ip_ranges` is null for any address and empty for none; `rate_limit` null for as often as the
    organization allows; `not_before` null for at once.
    """

    ip_ranges: tuple[str, ...] | None
    rate_limit: RateFacts | None
    not_before: Instant | None


def conditions_of(said: Conditioned) -> dict[str, Any]:
    """Return what a body says of them, in the words of a wish."""
    return {
        "networks": _networks(said.ip_ranges),
        "rate": _rate(said.rate_limit),
        "not_before": _start(said.not_before),
    }


def condition_facts(conditions: Conditions) -> dict[str, Any]:
    """Return the members of `ConditionFacts`."""
    rate, where = conditions.rate, conditions.networks
    return {
        "ip_ranges": None if where is None else where.spelled,
        "rate_limit": None
        if rate is None
        else RateFacts(requests=rate.requests, seconds=rate.seconds),
        "not_before": conditions.not_before,
    }


def _networks(said: Ranges | UnsetType | None) -> Networks | UnsetType | None:
    if isinstance(said, UnsetType) or said is None:
        return said
    return read_networks(said, f"{AT}/ip_ranges")


def _rate(said: RateLimit | UnsetType | None) -> Rate | UnsetType | None:
    if isinstance(said, UnsetType) or said is None:
        return said
    return Rate(said.requests, said.seconds)


def _start(said: str | UnsetType | None) -> datetime | UnsetType | None:
    if isinstance(said, UnsetType) or said is None:
        return said
    return read_instant(said, f"{AT}/not_before")
