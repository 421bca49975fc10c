"""How a token was used, in the words and the four colours of the pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from counterfoil.access.surface import Surface
from counterfoil.gate.record.usage import Outcome
from counterfoil.jsonapi.parameter import one_of
from counterfoil.tokens.usage_model import GATE, Range, Report
from counterfoil.web.language import N_
from counterfoil.web.page import Visit
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

SURFACES: Final = MappingProxyType(
    {
        Surface.DELIVERY.value: N_("Delivery"),
        Surface.PREVIEW.value: N_("Preview"),
        Surface.MANAGEMENT.value: N_("Management"),
        GATE: N_("Registered APIs"),
    }
)

BACK: Final = one_of("range", "How far it goes back.", Range)
"""What a page takes in its address that shows how a token was used."""


def range_in(visit: Visit) -> Range:
    """Return how far the address says to go back: a day if it says nothing."""
    return visit.asked.query.one_of(BACK.name, Range) or Range.DAY


@dataclass(frozen=True, slots=True)
class Use:
    """A report as it is drawn and told, by `usage.html`.

    Attributes:
        totals: how often, by sort, in all.
        why_off: how often it was not in force, by the reason.
        pieces: those in which anything was counted, the latest first.
    """

    report: Report
    chart: Chart[Sort]
    totals: Mapping[Sort, int]
    why_off: tuple[tuple[str, int], ...]
    pieces: tuple[tuple[datetime, Mapping[Sort, int]], ...]

    @property
    def words(self) -> Mapping[Sort, tuple[str, str]]:
        """What became of requests, and what that means."""
        return WORDS

    @property
    def ranges(self) -> Mapping[Range, str]:
        """How far one can go back."""
        return RANGES

    @property
    def surfaces(self) -> Mapping[str, str]:
        """What the surfaces are called that a report names."""
        return SURFACES

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
        report=report,
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
