"""What goes wrong, as a page: with its status, what it means, and where to go on."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from counterfoil.jsonapi.dialect import Dialect
from counterfoil.jsonapi.fault import TITLE, Fault, Said, fault
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.web import render
from counterfoil.web.explained import in_words
from counterfoil.web.form import NOTHING
from counterfoil.web.frame import Frame
from counterfoil.web.language import N_, preferred, translations
from counterfoil.web.page import HTML, Visit

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types default"
)
"""What a page may load and where its forms may go (S46). A browser holds a form to it through every
redirect that follows, so whatever leads to a client's own address is no redirect of a form. Markup
may be made of strings, which htmx does, and script of none: see `static/trusted.js`."""

TITLES: Final = MappingProxyType(
    {
        401: N_("You are not signed in"),
        403: N_("This is not open to you"),
        404: N_("There is nothing here"),
        409: N_("This does not go together"),
        412: N_("It has changed since you looked"),
        422: N_("Something is not filled in right"),
        429: N_("Too many attempts"),
        503: N_("Not ready at the moment"),
        507: N_("The disk is full"),
    }
)
_OTHER: Final = N_("That did not work")


def show_failure(visit: Visit, error: CounterfoilError) -> Answer:
    """Say in the frame of the page what went wrong."""
    told = fault(error, visit.asked.origin.request_id)
    title = visit.say(TITLES.get(told.status, _OTHER))
    return replace(visit, status=told.status).show(
        "failure", title=title, fault=told, detail=visit.explain(error)
    )


def say(told: Fault) -> Said:
    """Say what went wrong before it was known whose page it is."""
    language = preferred(told.language)
    gettext = translations(language).gettext
    title = gettext(TITLES.get(told.status, TITLE.get(told.status, _OTHER)))
    body = render.html(
        "failure",
        language,
        visit=None,
        form=NOTHING,
        frame=Frame(),
        title=title,
        fault=told,
        detail=in_words(told.code, told.detail, language),
    )
    return Said(HTML, {}, body.encode())


PAGES: Final = Dialect(
    name="pages",
    under=re.compile(r"(?!)"),
    say=say,
    errors={},
    schemas={},
    headers={"Content-Security-Policy": POLICY, "Vary": "Cookie, Accept-Language"},
    cache="no-store",
    picky=False,
)
"""How the pages speak: HTML, and no reference for programs."""
