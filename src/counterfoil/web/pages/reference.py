"""API reference: every operation for programs, by section, with examples that are run (D16, D17).

It is made of the same routes and structs as `/openapi.json`, and loads nothing from elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Final
from urllib.parse import urlsplit

from counterfoil.jsonapi.parameter import Parameter
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.errors import NotFound
from counterfoil.signin.doors.address import base
from counterfoil.web import shell
from counterfoil.web.language import N_
from counterfoil.web.page import Nav, Page, Visit
from counterfoil.web.views.reference_view import Line, entry_of, lines, matching

PATH: Final = "/reference"
_TITLE: Final = N_("API reference")
_QUERY: Final = Parameter(
    "q", "Words that an operation's name, address or section holds.", example="token"
)
_SECTION: Final = Parameter("section", "A section of the reference.", example="users")
_OPERATION: Final = Parameter("operation", "An operation of it.", example="get-cma-users")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the reference with its operations."""

    name: str
    slug: str
    lines: tuple[Line, ...]


def show(visit: Visit) -> Answer:
    """Show every section, or what was sought."""
    words = (visit.asked.query.text("q") or "").strip()
    every = lines(visit.asked.routes)
    found = matching(every, words) if words else []
    return visit.show("reference", sections=_sections(every), here=None, words=words, found=found)


def show_section(visit: Visit) -> Answer:
    """Show what there is in one section."""
    sections, here = _at(visit)
    title = f"{here.name} · {visit.say(_TITLE)}"
    return visit.show(
        "reference_section", title=title, sections=sections, here=here, line=None, words=""
    )


def show_operation(visit: Visit) -> Answer:
    """Show one operation whole."""
    asked = visit.asked
    sections, here = _at(visit)
    line = next((one for one in here.lines if one.id == asked.params["operation"]), None)
    if line is None:
        raise NotFound
    return visit.show(
        "reference_operation",
        title=f"{line.summary} · {visit.say(_TITLE)}",
        sections=sections,
        here=here,
        line=line,
        words="",
        entry=entry_of(asked.routes, line),
        host=urlsplit(base(asked)).netloc,
    )


def _at(visit: Visit) -> tuple[list[Section], Section]:
    """Return every section, and the one that the address names."""
    sections = _sections(lines(visit.asked.routes))
    here = next((one for one in sections if one.slug == visit.asked.params["section"]), None)
    if here is None:
        raise NotFound
    return sections, here


def _sections(every: list[Line]) -> list[Section]:
    return [
        Section(name, some[0].slug, tuple(some))
        for name, those in groupby(every, key=lambda one: one.section)
        if (some := list(those))
    ]


PAGES: Final = (
    Page(
        "GET",
        PATH,
        show,
        _TITLE,
        query=(_QUERY,),
        nav=Nav(shell.DEVELOPMENT, _TITLE, "book", 40),
    ),
    Page("GET", f"{PATH}/{{section}}", show_section, _TITLE, parts=(_SECTION,)),
    Page(
        "GET",
        f"{PATH}/{{section}}/{{operation}}",
        show_operation,
        _TITLE,
        parts=(_SECTION, _OPERATION),
    ),
)
