"""Expiry as people type it, and as the API takes it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import click

from counterfoil.kernel.clock import spell_instant

_SPAN: Final = re.compile(r"([1-9][0-9]{0,4})([hdw])")
_UNITS: Final = {"h": "hours", "d": "days", "w": "weeks"}


def read_expiry(text: str, now: datetime, option: str = "--expires") -> str | None:
    """Return an instant for `30d`, `12w`, `36h`, `2027-01-31` (its end, in UTC) or an ISO instant.

    `never` and `none` are None.
    """
    if text in {"never", "none"}:
        return None
    if _SPAN.fullmatch(text):
        return spell_instant(now + span(text, option))
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is not an expiry: try 30d, 2027-01-31 or never."
        raise click.BadParameter(message, param_hint=option) from None
    if len(text) == len("2027-01-31"):
        read = read.replace(tzinfo=UTC)
    try:
        day = timedelta(days=1 if len(text) == len("2027-01-31") else 0)
        return spell_instant(read + day)
    except OverflowError:
        message = f"{text!r} is where the calendar ends: try never."
        raise click.BadParameter(message, param_hint=option) from None


def ago(text: str, now: datetime, option: str) -> str:
    """Return the instant so long before now, for `90d`, `12w` or `36h`."""
    return spell_instant(now - span(text, option))


def span(text: str, option: str) -> timedelta:
    """Return a span of time: `90d`, `12w` or `36h`."""
    read = _SPAN.fullmatch(text)
    if read is None:
        message = f"{text!r} is no span of time: try 90d, 12w or 36h."
        raise click.BadParameter(message, param_hint=option)
    return timedelta(**{_UNITS[read[2]]: int(read[1])})
