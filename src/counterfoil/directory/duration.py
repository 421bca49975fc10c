"""Calendar durations: `P2Y`, `P6M`, `P30D`, as ISO 8601 spells them.

A year is a year and not 365 days: two years after 1 March 2026 is 1 March 2028. Where the day does
not exist the last one before it counts, so that a year after 29 February is 28 February.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Final

from counterfoil.kernel.errors import Code, Invalid

_FORM: Final = re.compile(
    r"P(?=[0-9])(?:([0-9]{1,4})Y)?(?:([0-9]{1,4})M)?(?:([0-9]{1,4})W)?(?:([0-9]{1,6})D)?"
)
_MONTHS: Final = 12
_WEEK: Final = 7
_LAST_YEAR: Final = 9999


@dataclass(frozen=True, slots=True)
class Duration:
    """So many months and days, in this order."""

    months: int
    days: int

    def added_to(self, start: datetime) -> datetime:
        """Return the instant so long after `start`.

        Raises:
            Invalid: where the calendar ends, after the year 9999.
        """
        years, month = divmod(start.month - 1 + self.months, _MONTHS)
        year = start.year + years
        if year > _LAST_YEAR:
            raise _beyond()
        day = min(start.day, calendar.monthrange(year, month + 1)[1])
        try:
            return start.replace(year=year, month=month + 1, day=day) + timedelta(days=self.days)
        except OverflowError:
            raise _beyond() from None


def parse(text: str) -> Duration:
    """Read a duration of years, months, weeks and days.

    Raises:
        Invalid: for every other spelling, and for no time at all.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise Invalid(
            Code.INVALID_FIELD, "A duration is in years, months, weeks or days, like P30D."
        )
    years, months, weeks, days = (int(part or 0) for part in found.groups())
    duration = Duration(years * _MONTHS + months, weeks * _WEEK + days)
    if not duration.months and not duration.days:
        raise Invalid(Code.INVALID_FIELD, "A duration must last.")
    return duration


def after(start: datetime, duration: str) -> datetime:
    """Return the instant so long after `start`: `after(now, "P2Y")`.

    Raises:
        Invalid: for what is no duration, and beyond the year 9999.
    """
    return parse(duration).added_to(start)


def fits(duration: str, within: str) -> bool:
    """Say whether one duration never ends after another, wherever in the calendar they start.

    It is tried at the first and the last day of each month of four years, a leap year among them.
    """
    inner, outer = parse(duration), parse(within)
    return all(inner.added_to(start) <= outer.added_to(start) for start in _starts())


def _starts() -> list[datetime]:
    found = []
    for year, month in product(range(2001, 2005), range(1, _MONTHS + 1)):
        last = calendar.monthrange(year, month)[1]
        found += [datetime(year, month, day, tzinfo=UTC) for day in (1, last)]
    return found


def _beyond() -> Invalid:
    return Invalid(Code.INVALID_FIELD, "That lies beyond the year 9999.")
