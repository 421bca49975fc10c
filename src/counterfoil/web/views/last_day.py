"""The day on which a token shall end, as a person types it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from msgspec import UNSET, UnsetType

from counterfoil.kernel.errors import Code, Invalid
from counterfoil.web.language import N_


def end_of(typed: str, now_ends_at: datetime | None) -> datetime | UnsetType:
    """Return the end of that day, unless nothing was typed or it ends on that day anyway.

    Raises:
        Invalid: INVALID_FIELD if it is no date.
    """
    if not typed.strip():
        return UNSET
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        raise Invalid(
            Code.INVALID_FIELD, N_("Write a date like 2027-01-31."), field="/expires_at"
        ) from None
    if now_ends_at is not None and day == now_ends_at.date():
        return UNSET
    return datetime.combine(day, time(23, 59, 59), tzinfo=UTC)
