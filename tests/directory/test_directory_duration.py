"""Calendar durations, the arithmetic of every lifetime."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.directory import after
from counterfoil.directory.duration import fits, parse
from counterfoil.kernel.errors import Invalid

LATEST = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
starts = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31)).map(  # noqa: DTZ001
    lambda naive: naive.replace(tzinfo=UTC)
)
spelled = st.builds(
    "P{}Y{}M{}W{}D".format,
    st.integers(0, 9999),
    st.integers(0, 9999),
    st.integers(0, 9999),
    st.integers(1, 999_999),
)


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ((2026, 3, 1), "P2Y", (2028, 3, 1)),
        ((2024, 2, 29), "P1Y", (2025, 2, 28)),
        ((2024, 2, 29), "P4Y", (2028, 2, 29)),
        ((2024, 2, 28), "P2Y", (2026, 2, 28)),
        ((2026, 1, 31), "P1M", (2026, 2, 28)),
        ((2026, 12, 15), "P1M", (2027, 1, 15)),
        ((2026, 11, 30), "P1Y3M", (2028, 2, 29)),
        ((2026, 1, 1), "P30D", (2026, 1, 31)),
        ((2026, 1, 1), "P2W", (2026, 1, 15)),
        ((2026, 1, 31), "P1M1D", (2026, 3, 1)),
    ],
)
def test_durations_follow_the_calendar(
    start: tuple[int, int, int], duration: str, end: tuple[int, int, int]
) -> None:
    """Years and months are those of the calendar; a missing day is the last of its month (G10)."""
    assert after(datetime(*start, 8, 30, tzinfo=UTC), duration) == datetime(*end, 8, 30, tzinfo=UTC)


@given(starts)
def test_two_years_are_730_or_731_days(start: datetime) -> None:
    """Two years last 730 or 731 days, whenever they begin (G10)."""
    try:
        end = after(start, "P2Y")
    except Invalid:
        assert start.year > 9997
    else:
        assert end - start in {timedelta(days=730), timedelta(days=731)}


@given(starts, spelled)
def test_no_duration_breaks_the_calendar(start: datetime, duration: str) -> None:
    """A duration added to an instant gives a later one or a refusal, and nothing else (S24)."""
    try:
        end = after(start, duration)
    except Invalid:
        return
    assert start < end <= LATEST


@pytest.mark.parametrize("duration", ["P1D", "P1Y", "P9999Y", "P999999D", "P9999Y9999M9999W"])
def test_the_end_of_the_calendar_is_refused(duration: str) -> None:
    """Beyond the year 9999 lies an Invalid and no overflow (S24)."""
    with pytest.raises(Invalid):
        after(LATEST, duration)


OTHER_SPELLINGS = (
    *("P", "2Y", "P2", "PT1H", "P1.5Y", "P-1D", "p2y", "P1D2Y", "P٣D", "P1H", "730", "P1Y-1D"),
    *("", "P2Y ", " P2Y", "P2Y\n", "P1Y\0", "P0D", "P0Y0M", "P10000Y"),
)


@pytest.mark.parametrize("text", OTHER_SPELLINGS)
def test_other_spellings_are_refused(text: str) -> None:
    """What is no duration, or none of any length, is refused (S24)."""
    with pytest.raises(Invalid):
        parse(text)


@pytest.mark.parametrize(
    ("duration", "within", "answer"),
    [
        ("P2Y", "P2Y", True),
        ("P24M", "P2Y", True),
        ("P730D", "P2Y", True),
        ("P731D", "P2Y", False),
        ("P30D", "P1M", False),
        ("P28D", "P1M", True),
        ("P1M", "P31D", True),
        ("P2Y1D", "P2Y", False),
    ],
)
def test_one_duration_fits_into_another(duration: str, within: str, *, answer: bool) -> None:
    """A duration fits into another only if it does so at every time of the year (G10)."""
    assert fits(duration, within) is answer
