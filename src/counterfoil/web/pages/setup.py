"""The first password, by the code of an invitation; or another one in the place of a lost one."""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.route import Answer
from counterfoil.signin.choose import accept
from counterfoil.signin.doors import browser_password
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit

_TITLE: Final = N_("Choose a password")


def show(visit: Visit) -> Answer:
    """Show the form for who was invited."""
    return visit.show("setup")


def choose(visit: Visit) -> Answer:
    """Choose the password; one signs in with it afterwards."""
    asked, form = visit.asked, visit.form
    accept(asked.office, form.text("code").strip(), form.text("password"), asked.origin)
    return visit.go("/signin", Notice(visit.say("Your password is set. Sign in with it now.")))


PAGES: Final = (
    Page("GET", "/setup", show, _TITLE, public=True),
    Page(
        "POST",
        "/setup",
        choose,
        _TITLE,
        public=True,
        form=show,
        secrets=("code", "password"),
        programs=browser_password.CHOOSE,
    ),
)
