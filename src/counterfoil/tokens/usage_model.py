"""How a token was used: when last, and how often in a range, by outcome, client and network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from counterfoil.gate.record.usage import Outcome, Where

HOUR: Final = timedelta(hours=1)
TOP: Final = 10
"""So many clients and networks of a range are named, the busiest first."""
GATE: Final = "gate"
"""What the APIs of others are called, at which a token was used through the gate."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Range(StrEnum):
    """How far a report goes back."""

    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"

    @property
    def span(self) -> timedelta:
        """How long it is."""
        return timedelta(days={Range.DAY: 1, Range.WEEK: 7, Range.MONTH: 30}[self])

    @property
    def step(self) -> timedelta:
        """How long each of its pieces is."""
        return timedelta(hours={Range.DAY: 1, Range.WEEK: 6, Range.MONTH: 24}[self])

    def until(self, now: datetime) -> datetime:
        """Return the end of the piece in which we are, whole since 1970 in UTC."""
        return now - (now - _EPOCH) % self.step + self.step


@dataclass(frozen=True, slots=True)
class Former:
    """A secret that was replaced and still works for a while.

    Attributes:
        dies_at: when it no longer does.
        seen_at: when somebody last came with it, by which client and from which network; None if
            nobody has since it was replaced.
    """

    hint: str
    dies_at: datetime
    seen_at: datetime | None
    client: str
    network: str


@dataclass(frozen=True, slots=True)
class LastUse:
    """The last time that a token verified, in one organization.

    Attributes:
        at: when, to the second; it is known within a few.
        client: the first product of its user agent, or `other`.
        network: from which /24 or /48 it came, or `other`.
        management_at: when it was last used on the Management API.
        delivery_at: when on the delivery APIs, drafts or not.
        allowed_at: the very instant of the last time.
        refused_at: the very instant at which it was first refused as not in force, since then.
    """

    at: datetime
    client: str
    network: str
    management_at: datetime | None = None
    delivery_at: datetime | None = None
    allowed_at: datetime | None = None
    refused_at: datetime | None = None

    @property
    def stopped(self) -> tuple[datetime, datetime] | None:
        """When it was last let in, and when it was first refused after that; None if it was not."""
        allowed, refused = self.allowed_at, self.refused_at
        if allowed is None or refused is None or refused < allowed:
            return None
        return allowed, refused


@dataclass(frozen=True, slots=True)
class Bucket:
    """How often it was used within an hour, in one way."""

    hour: datetime
    surface: Where
    outcome: Outcome
    client: str
    network: str
    count: int


@dataclass(frozen=True, slots=True)
class Piece:
    """How often it was used from an instant on, for one step of the range."""

    at: datetime
    counts: Mapping[Outcome, int]


@dataclass(frozen=True, slots=True)
class Share:
    """How often in one way (at a surface, by a client, from a network); how often not allowed."""

    name: str
    count: int
    refused: int


@dataclass(frozen=True, slots=True)
class Report:
    """All that was counted of a token in a range; a piece without uses is there too."""

    range: Range
    since: datetime
    until: datetime
    totals: Mapping[Outcome, int]
    surfaces: Sequence[Share]
    pieces: Sequence[Piece]
    clients: Sequence[Share]
    networks: Sequence[Share]
    last: LastUse | None


def report(
    range_: Range, now: datetime, buckets: Iterable[Bucket], last: LastUse | None = None
) -> Report:
    """Return what the hours of a range come to; those outside of it are left out."""
    until = range_.until(now)
    since = until - range_.span
    within = [one for one in buckets if since <= one.hour < until]
    totals = Counter[Outcome]()
    pieces = [Counter[Outcome]() for _ in range(range_.span // range_.step)]
    for one in within:
        totals[one.outcome] += one.count
        pieces[(one.hour - since) // range_.step][one.outcome] += one.count
    return Report(
        range=range_,
        since=since,
        until=until,
        totals=totals,
        surfaces=_shares(within, lambda one: called(one.surface)),
        pieces=[Piece(since + place * range_.step, found) for place, found in enumerate(pieces)],
        clients=_shares(within, lambda one: one.client),
        networks=_shares(within, lambda one: one.network),
        last=last,
    )


def called(surface: Where) -> str:
    """Return what a surface is called in a report and in the books."""
    return GATE if surface is None else surface.value


def _shares(buckets: Iterable[Bucket], named: Callable[[Bucket], str]) -> list[Share]:
    every, refused = Counter[str](), Counter[str]()
    for one in buckets:
        every[named(one)] += one.count
        if one.outcome is not Outcome.ALLOWED:
            refused[named(one)] += one.count
    busiest = sorted(every.items(), key=lambda found: (-found[1], found[0]))[:TOP]
    return [Share(name, count, refused[name]) for name, count in busiest]


def hour_of(at: datetime) -> datetime:
    """Return the beginning of the hour."""
    return at.replace(minute=0, second=0, microsecond=0)
