"""Refusals of nobody in particular, over HTTP: how many, when, and from which network."""

from __future__ import annotations

from typing import Final

from counterfoil.audit.refusals import Minute
from counterfoil.directory.trail import count_refused
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.given import Given, Instant, Paged
from counterfoil.jsonapi.parameter import AFTER, SIZE, Parameter
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.clock import micros

_PATH: Final = "/cma/audit_refusals"
_SINCE: Final = "filter[since]"
_BEFORE: Final = "filter[before]"


class Refused(Given, frozen=True):
    """How many requests from a network (a /24, a /56, or `elsewhere`) got 401 or 429."""

    network: str
    status: int
    count: int


class RefusalFacts(Given, frozen=True):
    """What was refused within the minute that begins at `at`, the busiest network first."""

    at: Instant
    count: int
    refused: list[Refused]


class Refusals(Given, frozen=True, tag_field="type", tag="audit_refusal"):
    """The refusals of a minute; its id is the minute in microseconds since 1970."""

    id: str
    attributes: RefusalFacts


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/audit_refusals."""
    wanted = cursor.wanted(asked, _PATH)
    since, before = asked.query.instant(_SINCE), asked.query.instant(_BEFORE)
    with asked.read() as work:
        page = count_refused(work, wanted, since, before)
    return Answer(200, cursor.paged(asked, _PATH, page, [_shown(one) for one in page.items]))


def _shown(one: Minute) -> Refusals:
    refused = [
        Refused(network=network, status=status, count=count)
        for network, status, count in one.counts
    ]
    facts = RefusalFacts(at=one.at, count=one.total, refused=refused)
    return Refusals(id=str(micros(one.at)), attributes=facts)


_INSTANT: Final = {"type": "string", "format": "date-time"}

ROUTES: Final = (
    Route(
        "GET",
        _PATH,
        listed,
        "audit.count_refused",
        "Count who was refused without being anybody, by minute and network, the latest first",
        gives={200: Paged[Refusals]},
        query=(
            Parameter(_SINCE, "At or after this instant.", _INSTANT, "2026-01-31T12:00:00Z"),
            Parameter(_BEFORE, "Before this instant.", _INSTANT, "2027-01-31T12:00:00Z"),
            SIZE,
            AFTER,
        ),
        section="Audit",
    ),
)
"""What the office serves of refusals that stand in no trail."""
