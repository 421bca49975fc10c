"""When tokens end, as a month: in red what somebody has used in the last day."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from counterfoil.jsonapi.parameter import Parameter, one_of
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.errors import Code, Malformed
from counterfoil.kernel.page import LARGEST, Wanted
from counterfoil.operation import Work
from counterfoil.tokens.show import Seen, list_tokens
from counterfoil.tokens.sought import Key, Order, Sought
from counterfoil.web.language import N_
from counterfoil.web.page import Page, Visit
from counterfoil.web.pages.tokens import Row, rows_of
from counterfoil.web.views.token_seek import ALL, Seek, live_between

_PATH: Final = "/tokens/calendar"
_YEARS: Final = range(2000, 2200)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the grid, which may belong to the month before or after."""

    day: date
    within: bool
    today: bool
    ends: tuple[Row, ...]


def show(visit: Visit) -> Answer:
    """Show the live tokens that end in a month."""
    seek, first = Seek.of(visit), _month(visit)
    begin = datetime(first.year, first.month, 1, tzinfo=UTC)
    following = _moved(first, 1)
    until = datetime(following.year, following.month, 1, tzinfo=UTC)
    with visit.read() as work:
        ends = rows_of(work, list(_ending(work, seek, live_between(begin, until))))
    whose = f"&owner={ALL}" if seek.everybody else ""
    return visit.show(
        "token_calendar",
        first=begin,
        weeks=_weeks(first, visit.now.date(), ends),
        ends=ends,
        everybody=seek.everybody,
        before=f"{_PATH}?month={_moved(first, -1):%Y-%m}{whose}",
        after=f"{_PATH}?month={following:%Y-%m}{whose}",
        back="/tokens" + (f"?owner={ALL}" if seek.everybody else ""),
    )


def _ending(work: Work, seek: Seek, sought: Sought) -> Iterator[Seen]:
    """Read all of a month: a day that stands empty would say that nothing ends on it."""
    after: str | None = None
    while True:
        wanted = Wanted(LARGEST, after)
        found = list_tokens(work, wanted, seek.owner, sought, Order(Key.EXPIRES_AT))
        yield from found.items
        after = found.after
        if after is None:
            return


def _month(visit: Visit) -> date:
    """Return the first day of the month that the address names; of this one if it names none.

    Raises:
        Malformed: for what is no month.
    """
    said = visit.asked.query.text("month")
    if not said:
        return visit.now.date().replace(day=1)
    try:
        first = date.fromisoformat(f"{said}-01")
    except ValueError:
        first = date.min
    if first.year not in _YEARS:
        raise Malformed(Code.INVALID_REQUEST, N_("A month is written like 2027-01."))
    return first


def _moved(first: date, by: int) -> date:
    months = first.year * 12 + first.month - 1 + by
    return date(months // 12, months % 12 + 1, 1)


def _weeks(first: date, today: date, ends: Iterable[Row]) -> list[list[Day]]:
    on: dict[date, list[Row]] = {}
    for one in ends:
        if one.view.expires_at is not None:
            on.setdefault(one.view.expires_at.date(), []).append(one)
    return [
        [Day(day, day.month == first.month, day == today, tuple(on.get(day, ()))) for day in week]
        for week in calendar.Calendar().monthdatescalendar(first.year, first.month)
    ]


PAGES: Final = (
    Page(
        "GET",
        _PATH,
        show,
        N_("Expiry calendar"),
        operation="token.list",
        query=(
            Parameter("month", "Which month.", example="2027-01"),
            one_of("owner", "Whose: one's own, or everybody's.", ("me", ALL)),
        ),
    ),
)
