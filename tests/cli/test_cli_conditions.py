"""What the command line makes of ranges, rates and starts."""

from __future__ import annotations

from typing import Any

import click
import pytest

from counterfoil.cli.talking.conditions import said
from counterfoil.cli.talking.wanted import Wanted
from support.office import START


@pytest.mark.parametrize(
    ("ranges", "rate", "start", "attributes"),
    [
        ((), None, None, {}),
        (("any",), "any", "any", {"ip_ranges": None, "rate_limit": None, "not_before": None}),
        (("192.0.2.0/24", "::1"), None, None, {"ip_ranges": ["192.0.2.0/24", "::1"]}),
        ((), "100/minute", None, {"rate_limit": {"requests": 100, "seconds": 60}}),
        ((), "5/s", None, {"rate_limit": {"requests": 5, "seconds": 1}}),
        ((), "1000/12h", None, {"rate_limit": {"requests": 1000, "seconds": 43_200}}),
        ((), None, "2027-01-31", {"not_before": "2027-01-31T00:00:00Z"}),
        ((), None, "2027-01-31T12:00:00+02:00", {"not_before": "2027-01-31T10:00:00Z"}),
        ((), None, "2d", {"not_before": "2026-03-03T12:00:00Z"}),
    ],
)
def test_what_is_typed(
    ranges: tuple[str, ...], rate: str | None, start: str | None, attributes: dict[str, Any]
) -> None:
    """Each option becomes its attribute, `any` takes it away, and what nobody gave is not said."""
    assert said(ranges, rate, start, START) == attributes


@pytest.mark.parametrize("rate", ["", "100", "a/minute", "1/fortnight", "-1/s", "1.5/s", "9/"])
def test_what_is_no_rate(rate: str) -> None:
    """A rate that cannot be read is a usage error that says what one looks like."""
    with pytest.raises(click.BadParameter, match="100/minute"):
        said((), rate, None, START)


def reminded(*typed: str) -> dict[str, Any]:
    """Return what a token is asked for with, besides its name, that shall remind so."""
    wanted = Wanted(
        name="ci",
        reason=None,
        scopes=(),
        roots=(),
        surfaces=(),
        expires=None,
        inherit=False,
        reminders=typed,
    )
    return {key: value for key, value in wanted.said().items() if key != "name"}


def test_reminders_that_are_typed() -> None:
    """Each is named once, `none` stands alone, and whoever names none leaves it as it is."""
    assert reminded() == {}
    assert reminded("7", "1", "7") == {"reminders": [7, 1]}
    assert reminded("none") == {"reminders": []}
    with pytest.raises(click.UsageError, match="none"):
        reminded("none", "7")
