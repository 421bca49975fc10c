"""When a token was last used; on each API in the coarse words of DatoCMS's contract."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, TypeAlias

from counterfoil.kernel.ids import TokenId
from counterfoil.operation import Work
from counterfoil.tokens.store import flags, last_used
from counterfoil.tokens.store.former import former
from counterfoil.tokens.suspicion import Flag
from counterfoil.tokens.usage_model import Former, LastUse

Bucket: TypeAlias = Literal[
    "today", "yesterday", "this_week", "last_week", "this_month", "last_month", "never"
]
NEVER: Final = "never"


@dataclass(frozen=True, slots=True)
class LastAccess:
    """A bucket for the Management API, and one for the delivery APIs."""

    cma: Bucket = NEVER
    cda: Bucket = NEVER


@dataclass(frozen=True, slots=True)
class Used:
    """The last use of a token, and the flags that nobody has dismissed."""

    last: LastUse | None
    flags: tuple[Flag, ...] = ()


def uses(work: Work, tokens: list[TokenId]) -> dict[TokenId, Used]:
    """Return the last use of each of these tokens here, and what was flagged of it."""
    last, flagged = last_uses(work, tokens), flags.of(work.tx, work.caller.organization, tokens)
    return {
        token: Used(last.get(token), tuple(one for one in flagged[token].values() if one.is_open))
        for token in tokens
    }


def last_uses(work: Work, tokens: list[TokenId]) -> dict[TokenId, LastUse]:
    """Return when each of these tokens was last used here, of those that ever were."""
    return last_used.last_uses(work.tx, work.caller.organization, tokens)


def former_secrets(work: Work, token: TokenId) -> list[Former]:
    """Return the secrets of a token that were replaced and still work, with their last use."""
    return former(work.tx, work.caller.organization, token, work.now)


def last_access(work: Work, tokens: list[TokenId]) -> dict[TokenId, LastAccess]:
    """Return for each of these tokens the days on which it was last used here."""
    found, today = last_uses(work, tokens), work.now.date()
    return {token: _access(found.get(token), today) for token in tokens}


def _access(used: LastUse | None, today: date) -> LastAccess:
    if used is None:
        return LastAccess()
    return LastAccess(bucket(used.management_at, today), bucket(used.delivery_at, today))


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
