"""From where, how often and from when on a token works, as people type it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import click

from counterfoil.cli.talking.instants import read_expiry
from counterfoil.kernel.clock import spell_instant

F = TypeVar("F", bound=Callable[..., Any])

ANY: Final = "any"
_RATE: Final = re.compile(r"([0-9]{1,7})/([0-9]{0,5})(s|second|m|minute|h|hour|d|day)")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def conditions(command: F) -> F:
    """Give a command the options that say under which conditions a token works."""
    for option in (
        click.option("--not-before", help="From when on: `7d`, a date, an instant; or `any`."),
        click.option("--rate", help="How often: `100/minute`, `5/s`, `1000/12h`; or `any`."),
        click.option(
            "--ip-range",
            "ip_ranges",
            multiple=True,
            help="From where: 192.0.2.0/24; may be repeated. `any` for anywhere.",
        ),
    ):
        command = option(command)
    return command


def said(
    ip_ranges: Sequence[str], rate: str | None, not_before: str | None, now: datetime
) -> dict[str, Any]:
    """Return the attributes that these options stand for; nothing for those that nobody gave."""
    found: dict[str, Any] = {}
    if ip_ranges:
        found["ip_ranges"] = None if list(ip_ranges) == [ANY] else list(ip_ranges)
    if rate is not None:
        found["rate_limit"] = None if rate == ANY else _rate(rate)
    if not_before is not None:
        found["not_before"] = _start(not_before, now)
    return found


def _start(text: str, now: datetime) -> str | None:
    """Return the instant at which a token begins to work; a day begins at midnight in UTC."""
    if text == ANY:
        return None
    if len(text) == len("2027-01-31"):
        text += "T00:00:00Z"
    read = read_expiry(text, now, "--not-before")
    return None if read is None else spell_instant(datetime.fromisoformat(read).astimezone(UTC))


def _rate(text: str) -> dict[str, int]:
    read = _RATE.fullmatch(text)
    if read is None:
        message = f"{text!r} is no rate: try 100/minute, 5/s or 1000/12h."
        raise click.BadParameter(message, param_hint="--rate")
    return {"requests": int(read[1]), "seconds": int(read[2] or 1) * _SECONDS[read[3][0]]}
