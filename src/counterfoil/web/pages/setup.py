"""The first passkey or password, by the code of an invitation; or one instead of a lost one."""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.route import Answer
from counterfoil.signin.choose import accept
from counterfoil.signin.doors import browser_password, cookie
from counterfoil.signin.passkeys import accept_by_passkey, ask_who_accepts
from counterfoil.web import passkey
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit

_TITLE: Final = N_("Create your passkey or password")


def show(visit: Visit) -> Answer:
    """Show the form for who was invited."""
    return visit.show("setup")


def choose(visit: Visit) -> Answer:
    """Choose the password; one signs in with it afterwards."""
    asked, form = visit.asked, visit.form
    accept(asked.office, form.text("code").strip(), form.text("password"), asked.origin)
    return visit.leave("/signin", Notice(visit.say("Your password is set. Sign in with it now.")))


def ask(visit: Visit) -> Answer:
    """Ask the browser for a passkey in the place of a password."""
    asked, code = visit.asked, visit.form.text("code").strip()
    return passkey.asked(
        visit, lambda browser: ask_who_accepts(asked.office, code, browser, asked.origin)
    )


def take_passkey(visit: Visit) -> Answer:
    """Be let in by the passkey from now on, and at once."""
    asked = visit.asked
    answer = visit.form.text(passkey.CREDENTIAL)
    ticket = accept_by_passkey(
        asked.office,
        passkey.browser(visit),
        answer,
        asked.origin,
        language=visit.language,
    )
    said = Notice(visit.say("Your passkey is set, and you are signed in."))
    return visit.leave("/", said, cookies=(cookie.given(asked, ticket)["Set-Cookie"],))


PAGES: Final = (
    Page("GET", "/setup", show, _TITLE, public=True),
    Page(
        "POST",
        "/setup",
        choose,
        _TITLE,
        public=True,
        form=show,
        secrets=("password", "code"),
        programs=browser_password.CHOOSE,
    ),
    Page("POST", "/setup/passkey/begin", ask, _TITLE, public=True, secrets=("code",)),
    Page(
        "POST",
        "/setup/passkey",
        take_passkey,
        _TITLE,
        operation="passkey.accept",
        public=True,
        form=show,
        secrets=(passkey.CREDENTIAL, "code"),
    ),
)
