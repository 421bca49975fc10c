"""How a token was used, in the words and the four colours of the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from counterfoil.gate.record.usage import Outcome
from counterfoil.tokens.usage_model import Range, Report
from counterfoil.web.language import N_
from counterfoil.web.views.chart import Chart, chart


class Sort(StrEnum):
    """What became of a request, as coarsely as a picture shows it."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    LIMITED = "limited"
    OFF = "off"


SORT: Final = MappingProxyType(
    {
        Outcome.ALLOWED: Sort.ALLOWED,
        Outcome.FORBIDDEN: Sort.FORBIDDEN,
        Outcome.LIMITED: Sort.LIMITED,
    }
)
"""The sorts of those outcomes that are one; all others are of a token that is not in force."""

WORDS: Final = MappingProxyType(
    {
        Sort.ALLOWED: (N_("Allowed"), N_("It was let in.")),
        Sort.FORBIDDEN: (N_("Forbidden"), N_("403: not within what it may do.")),
        Sort.LIMITED: (N_("Rate-limited"), N_("429: too many at once.")),
        Sort.OFF: (N_("Expired or disabled"), N_("401: the token was not in force.")),
    }
)

OUTCOMES: Final = MappingProxyType(
    {
        Outcome.PENDING: N_("awaiting approval"),
        Outcome.DISABLED: N_("disabled"),
        Outcome.EXPIRED: N_("expired"),
        Outcome.EARLY: N_("before their start"),
        Outcome.ORPHANED: N_("without an owner"),
        Outcome.RETIRED: N_("a former secret"),
        Outcome.REVOKED: N_("revoked"),
    }
)
"""Why a token was not in force."""

RANGES: Final = MappingProxyType(
    {
        Range.DAY: N_("24 hours"),
        Range.WEEK: N_("7 days"),
        Range.MONTH: N_("30 days"),
    }
)


@dataclass(frozen=True, slots=True)
class Use:
    """A report as it is drawn and told.

    Attributes:
        totals: how often, by sort, in all.
        why_off: how often it was not in force, by the reason.
        pieces: those in which anything was counted, the latest first.
    """

    chart: Chart[Sort]
    totals: Mapping[Sort, int]
    why_off: tuple[tuple[str, int], ...]
    pieces: tuple[tuple[datetime, Mapping[Sort, int]], ...]

    @property
    def total(self) -> int:
        """How often in all."""
        return sum(self.totals.values())

    @property
    def valid(self) -> int:
        """How often it was let in."""
        return self.totals[Sort.ALLOWED]


def use_of(report: Report) -> Use:
    """Return a report as it is drawn and told."""
    pieces = [(one.at, _sorted(one.counts)) for one in report.pieces]
    return Use(
        chart=chart(pieces, tuple(Sort)),
        totals=_sorted(report.totals),
        why_off=tuple(
            (word, report.totals[outcome])
            for outcome, word in OUTCOMES.items()
            if report.totals.get(outcome)
        ),
        pieces=tuple((at, counts) for at, counts in reversed(pieces) if any(counts.values())),
    )


def _sorted(counts: Mapping[Outcome, int]) -> dict[Sort, int]:
    found = dict.fromkeys(Sort, 0)
    for outcome, count in counts.items():
        found[SORT.get(outcome, Sort.OFF)] += count
    return found
