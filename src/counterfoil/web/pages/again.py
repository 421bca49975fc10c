"""Proving again who one is, on the way to a page that asks for it (S44).

A form that needs it is not sent here: it is answered with the same question, and goes on when that
is answered, with all that was typed; by way of a provider, from a page of its own.
"""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.parameter import Parameter
from counterfoil.jsonapi.route import Answer
from counterfoil.signin.policy import local_path
from counterfoil.signin.steps.ways import codes_asked
from counterfoil.web import barred, kept
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit

_TITLE: Final = N_("Confirm that it is you")
_PATH: Final = "/again"


def show(visit: Visit) -> Answer:
    """Ask for the password; the front takes it from there."""
    next_ = local_path(visit.asked.query.text("next")) or "/"
    person = visit.frame(visit).person
    return visit.show(
        "again",
        email=person.email if person else "",
        coded=codes_asked(visit.asked.office, visit.caller.user),
        local=barred.is_local(visit),
        providers=barred.providers(visit),
        action=_PATH,
        next=next_,
        lost=False,
        kept=[("next", next_)],
    )


def go_on(visit: Visit) -> Answer:
    """Go on to the page that asked for it."""
    return visit.go(local_path(visit.form.text("next")) or "/")


def show_kept(visit: Visit) -> Answer:
    """Show the button by which a form goes on that waited while a provider asked who it is."""
    found = kept.waiting(visit)
    if found is None:
        gone = visit.say("What you typed was kept for ten minutes, and is gone. Nothing was done.")
        return visit.go("/", Notice(gone, "warning"))
    return visit.show("again_form", kept=found)


PAGES: Final = (
    Page(
        "GET",
        _PATH,
        show,
        _TITLE,
        query=(Parameter("next", "Where to go on to, within this server."),),
    ),
    Page("POST", _PATH, go_on, _TITLE, fresh=True),
    Page("GET", kept.PATH, show_kept, N_("Go on with what you typed")),
)
