"""Leaked tokens over HTTP: anybody may report one, and who approves tokens sees the reports."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import UNSET, UnsetType

from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.body import FORM_TYPE, Body
from counterfoil.jsonapi.given import Given, Id, Instant, Paged, ToOne, to_one
from counterfoil.jsonapi.parameter import PAGING
from counterfoil.jsonapi.route import Answer, Asked, Empty, Route
from counterfoil.kernel.errors import Code, Malformed
from counterfoil.tokens.leaked import list_leaks
from counterfoil.tokens.report_leak import receive
from counterfoil.tokens.store.leaks import Report

_PATH: Final = "/cma/leak_reports"


class LeakForm(Body, frozen=True):
    """A report: the secret that leaked, and where it was seen."""

    token: str
    url: str | UnsetType = UNSET


class LeakFacts(Given, frozen=True):
    """A report from outside, or what a member noted: `done` is what became of the token."""

    reported_at: Instant
    token_name: str
    url: str | None
    note: str | None
    done: Literal["notify", "disable", "revoke", "note"]


class LeakAbout(Given, frozen=True):
    """The token, and the member who noted it; nobody for a report from outside."""

    token: ToOne
    user: ToOne


class LeakReport(Given, frozen=True, tag_field="type", tag="leak_report"):
    """A report of a leaked token."""

    id: Id
    attributes: LeakFacts
    relationships: LeakAbout


def reported(asked: Asked) -> Answer:
    """Answer POST /leaks the same, whatever the string is."""
    form = asked.form()
    if not form.get("token"):
        raise Malformed(Code.INVALID_REQUEST, "The field token is missing.", field="/token")
    receive(asked.office, form["token"], form.get("url", ""), asked.origin)
    return Answer(202, headers={"Cache-Control": "no-store"})


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/leak_reports."""
    wanted = cursor.wanted(asked, _PATH)
    with asked.read() as work:
        page = list_leaks(work, wanted)
    data = [_shown(report, token.name) for report, token in page.items]
    return Answer(200, cursor.paged(asked, _PATH, page, data))


def _shown(report: Report, name: str) -> LeakReport:
    facts = LeakFacts(
        reported_at=report.at,
        token_name=name,
        url=report.url or None,
        note=report.note or None,
        done=report.done,
    )
    about = LeakAbout(token=to_one("access_token", report.token), user=to_one("user", report.user))
    return LeakReport(id=str(report.id), attributes=facts, relationships=about)


ROUTES: Final = (
    Route(
        "POST",
        "/leaks",
        reported,
        "",
        "Report a token that has leaked, without signing in; the answer is the same for any string",
        gives={202: Empty},
        takes=LeakForm,
        example={"token": "cfp_from-a-public-repository", "url": "https://git.example.com/a/b"},
        reads=(FORM_TYPE,),
        also=("leak.report",),
        fails=(Code.RATE_LIMIT_EXCEEDED,),
        open=True,
        section="Leaks",
    ),
    Route(
        "GET",
        _PATH,
        listed,
        "leak.list",
        "List the reports of leaked tokens, the latest first",
        gives={200: Paged[LeakReport]},
        query=PAGING,
        section="Leaks",
    ),
)
"""What the office serves of leaks."""
