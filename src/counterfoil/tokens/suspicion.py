"""What is unlike a token, and worth a look of its owner (G12h). Nothing here stops a token.

A flag that is raised for everything is read by nobody. So the first day of a token says what it is
like; who comes from everywhere is not flagged for one place more; and the retries of a client count
as the one attempt that they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Final

from counterfoil.gate.record.usage import OTHER, Outcome
from counterfoil.tokens.usage_model import Bucket

LEARNING: Final = timedelta(hours=24)
"""How long after its first use nothing about a token is new."""
ROAMING: Final = 8
"""From so many networks, or by so many clients, one more is nothing new either."""
RETRIES: Final = 4
"""So many requests of a client are one attempt: `dc-cli` asks four times before it gives up."""
BURST: Final = 25
"""So many attempts within an hour are a burst, if they are many for this token."""
RISE: Final = 3
"""Many for this token: so many times its worst hour of the days before."""

SUSPECT: Final = frozenset(Outcome) - {
    Outcome.ALLOWED,
    Outcome.LIMITED,
    Outcome.PENDING,
    Outcome.EARLY,
}
"""The refusals that count: who is too quick, or waits for approval, tries nothing."""


class Reason(StrEnum):
    """Why a token is flagged."""

    NEW_NETWORK = "new_network"
    NEW_CLIENT = "new_client"
    REFUSALS = "refusals"
    LEAKED = "leaked"


@dataclass(frozen=True, slots=True)
class Flag:
    """Something about a token that its owner should look at.

    Attributes:
        detail: what was seen, in a sentence.
        raised_at: when it was first seen; `last_at`, when last.
        count: how many new networks, new clients or refusals it was so far.
        dismissed_at: when somebody said that it is all right.
    """

    reason: Reason
    detail: str
    raised_at: datetime
    last_at: datetime
    count: int
    dismissed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody has looked at it yet."""
        return self.dismissed_at is None


def product_of(client: str) -> str:
    """Return a client without its version, so that an upgrade is no news: `curl` of `curl/8.5`."""
    product, slash, version = client.rpartition("/")
    return product if slash and version[:1].isdigit() and product else client


def is_news(name: str, familiar: Mapping[str, datetime], now: datetime) -> bool:
    """Say whether a network or a client is new for a token.

    Args:
        name: the network, or the client without its version.
        familiar: those that it was used from or by before, each with the first time.
        now: what time it is.
    """
    if name == OTHER or name in familiar or not 0 < len(familiar) < ROAMING:
        return False
    return now - min(familiar.values()) >= LEARNING


def attempts(buckets: Iterable[Bucket]) -> int:
    """Return how many attempts were refused, each client's retries from a network taken as one."""
    refused: Counter[tuple[str, str]] = Counter()
    for one in buckets:
        if one.outcome in SUSPECT:
            refused[one.client, one.network] += one.count
    return sum(ceil(count / RETRIES) for count in refused.values())


def is_burst(hour: Iterable[Bucket], before: Mapping[datetime, list[Bucket]]) -> bool:
    """Say whether the refusals of an hour are a burst, for a token whose hours before were these.

    A client that has failed in the same way all week is broken, and was flagged when it began.
    """
    now = attempts(hour)
    return now >= BURST and now >= RISE * max(map(attempts, before.values()), default=0)


def told_of_refusals(hour: Iterable[Bucket]) -> tuple[int, str]:
    """Return how many requests were refused in an hour, and a sentence that says the worst."""
    found = [one for one in hour if one.outcome in SUSPECT]
    total, outcomes, sources = 0, Counter[Outcome](), Counter[tuple[str, str]]()
    for one in found:
        total += one.count
        outcomes[one.outcome] += one.count
        sources[one.client, one.network] += one.count
    ((client, network), _), *_ = sources.most_common(1)
    mostly, _ = outcomes.most_common(1)[0]
    said = f"{total} requests were refused within an hour, most as {mostly}"
    return total, f"{said}, and most of {client} from {network}."
