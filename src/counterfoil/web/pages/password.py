"""Changing one's own password, by the one that one has; every session is over then."""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.errors import Invalid
from counterfoil.signin.choose import change
from counterfoil.signin.doors import browser_password, cookie
from counterfoil.signin.steps.ways import codes_asked
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit

_TITLE: Final = N_("Change your password")


def show(visit: Visit) -> Answer:
    """Show the form."""
    person = visit.frame(visit).person
    coded = codes_asked(visit.asked.office, visit.caller.user if visit.signed_in else None)
    return visit.show("password", email=person.email if person else "", coded=coded)


def replace(visit: Visit) -> Answer:
    """Change the password."""
    asked, form = visit.asked, visit.form
    email, old, new = map(form.text, ("email", "password", "new_password"))
    try:
        change(asked.office, email, old, new, asked.origin, form.text("code"))
    except Invalid as error:
        raise Invalid(error.code, error.sentence, field="/new_password") from None
    said = Notice(visit.say("Your password is changed, and every session is over. Sign in anew."))
    return visit.go("/signin", said, cookies=(cookie.taken(asked)["Set-Cookie"],))


PAGES: Final = (
    Page("GET", "/password", show, _TITLE, public=True),
    Page(
        "POST",
        "/password",
        replace,
        _TITLE,
        public=True,
        form=show,
        secrets=("password", "new_password", "code"),
        programs=browser_password.CHANGE,
    ),
)
