"""When a token was last seen on each API, in the coarse words of DatoCMS's contract."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, TypeAlias

from counterfoil.access.surface import Surface
from counterfoil.audit.seen import last_seen as sightings
from counterfoil.kernel.ids import TokenId
from counterfoil.operation import Work

Bucket: TypeAlias = Literal[
    "today", "yesterday", "this_week", "last_week", "this_month", "last_month", "never"
]
NEVER: Final = "never"


@dataclass(frozen=True, slots=True)
class LastSeen:
    """A bucket for the Management API, and one for the delivery APIs."""

    cma: Bucket = NEVER
    cda: Bucket = NEVER


def last_seen(work: Work, tokens: list[TokenId]) -> dict[TokenId, LastSeen]:
    """Return when each token was last seen, as the journal has noted it."""
    cma: dict[TokenId, datetime] = {}
    cda: dict[TokenId, datetime] = {}
    for token, surface, at in sightings(work.tx, work.caller.organization, tokens):
        here = cma if surface is Surface.MANAGEMENT else cda
        here[token] = max(at, here.get(token, at))
    today = work.now.date()
    return {
        token: LastSeen(bucket(cma.get(token), today), bucket(cda.get(token), today))
        for token in tokens
    }


def bucket(seen: datetime | None, today: date) -> Bucket:
    """Return today, yesterday, this or last week (from Monday), this or last month, or never."""
    if seen is None:
        return NEVER
    day = seen.date()
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    starts: tuple[tuple[Bucket, date], ...] = (
        ("today", today),
        ("yesterday", today - timedelta(days=1)),
        ("this_week", monday),
        ("last_week", monday - timedelta(days=7)),
        ("this_month", first),
        ("last_month", (first - timedelta(days=1)).replace(day=1)),
    )
    return next((name for name, start in starts if day >= start), NEVER)
