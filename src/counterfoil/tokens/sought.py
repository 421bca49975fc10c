"""Which tokens of a list are sought, and in which order; and which are idle (G12e)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from counterfoil.kernel.ids import OrganizationId
from counterfoil.tokens.model import LIVE, Token
from counterfoil.tokens.usage_model import LastUse

UNUSED_DAYS: Final = 90
"""So long a live token is used by nobody until it is idle."""


class Standing(StrEnum):
    """What a token is as a person says it: a live one whose time is over is expired."""

    PENDING = "pending"
    ACTIVE = "active"
    DISABLED = "disabled"
    EXPIRED = "expired"
    REVOKED = "revoked"
    DENIED = "denied"
    LAPSED = "lapsed"


class Key(StrEnum):
    """By what tokens are sorted.

    A token without an end comes after those that have one, and one that was never used before those
    that were.
    """

    NAME = "name"
    CREATED_AT = "created_at"
    EXPIRES_AT = "expires_at"
    LAST_USED_AT = "last_used_at"


@dataclass(frozen=True, slots=True)
class Order:
    """Up by a key, or down."""

    key: Key
    descending: bool = False


NEWEST: Final = Order(Key.CREATED_AT, descending=True)
OLDEST: Final = Order(Key.CREATED_AT)


@dataclass(frozen=True, slots=True)
class Sought:
    """All that has to be true of a token; None and empty are no condition.

    Attributes:
        standings: it is one of these.
        query: its name holds this, or its secret ends like this.
        expires_before: it has an end, before then.
        expires_after: it ends after then, or never.
        unused_since: it was last used before then; one that never was, was made before then.
        used_since: it was used then or later.
        over_since: it is not over, or was over then or later.
        used: whether it was ever used here.
        flagged: whether something is flagged of it that nobody has dismissed.
    """

    standings: tuple[Standing, ...] = ()
    query: str = ""
    expires_before: datetime | None = None
    expires_after: datetime | None = None
    created_before: datetime | None = None
    created_after: datetime | None = None
    unused_since: datetime | None = None
    used_since: datetime | None = None
    over_since: datetime | None = None
    used: bool | None = None
    flagged: bool | None = None


ANY: Final = Sought()
LIVING: Final = (Standing.PENDING, Standing.ACTIVE, Standing.DISABLED)


def idle(now: datetime) -> Sought:
    """Return what is sought of live tokens that nobody has used for 90 days."""
    return Sought(standings=LIVING, unused_since=now - timedelta(days=UNUSED_DAYS))


def is_idle(token: Token, here: OrganizationId, last: LastUse | None, now: datetime) -> bool:
    """Say of a token in an organization what `idle` seeks, by when it was used last."""
    since = now - timedelta(days=UNUSED_DAYS)
    if token.grant_in(here).standing not in LIVE or token.expired(now):
        return False
    return token.created_at < since and (last is None or last.at < since)
