"""When a token was last seen on each API, in the coarse words of DatoCMS's contract (WIRE)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from counterfoil.access.surface import Surface
from counterfoil.audit.read import latest
from counterfoil.kernel.ids import TokenId
from counterfoil.operation import OPERATIONS, Work

NEVER: Final = "never"
_TWO_MONTHS: Final = timedelta(days=62)  # no bucket reaches further back


@dataclass(frozen=True, slots=True)
class LastSeen:
    """A bucket for the Management API, and one for the delivery APIs."""

    cma: str = NEVER
    cda: str = NEVER


def last_seen(work: Work, tokens: list[TokenId]) -> dict[TokenId, LastSeen]:
    """Return when each token last did something, from the audit trail."""
    cma: dict[TokenId, datetime] = {}
    cda: dict[TokenId, datetime] = {}
    since = work.now - _TWO_MONTHS
    for token, name, at in latest(work.tx, work.caller.organization, tokens, since):
        known = OPERATIONS.get(name)
        managing = known is None or known.surface in {None, Surface.MANAGEMENT}
        seen = cma if managing else cda
        seen[token] = max(at, seen.get(token, at))
    today = work.now.date()
    return {
        token: LastSeen(bucket(cma.get(token), today), bucket(cda.get(token), today))
        for token in tokens
    }


def bucket(seen: datetime | None, today: date) -> str:
    """Return today, yesterday, this or last week (from Monday), this or last month, or never."""
    if seen is None:
        return NEVER
    day = seen.date()
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    starts = (
        ("today", today),
        ("yesterday", today - timedelta(days=1)),
        ("this_week", monday),
        ("last_week", monday - timedelta(days=7)),
        ("this_month", first),
        ("last_month", (first - timedelta(days=1)).replace(day=1)),
    )
    return next((name for name, start in starts if day >= start), NEVER)
