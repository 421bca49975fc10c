"""Instants as they come in and go out: RFC 3339 with an offset, and nothing looser (S24)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from counterfoil.kernel.errors import Code, Invalid

_FORM: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def read_instant(text: str, field: str) -> datetime:
    """Read an instant, in UTC.

    Raises:
        Invalid: for what is no RFC 3339 date and time with an offset, or lies outside the calendar.
    """
    wrong = Invalid(
        Code.INVALID_FIELD,
        "An instant is a date, a time and an offset, like 2027-01-31T12:00:00Z.",
        field=field,
    )
    if not _FORM.fullmatch(text):
        raise wrong
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong from None


def spell_instant(instant: datetime | None) -> str | None:
    """Spell an instant in UTC; None stays None."""
    return None if instant is None else instant.isoformat().replace("+00:00", "Z")
