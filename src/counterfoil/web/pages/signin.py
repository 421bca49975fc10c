"""Signing in by passkey, or by e-mail and password."""

from __future__ import annotations

from typing import Final

from counterfoil import directory
from counterfoil.jsonapi.parameter import Parameter
from counterfoil.jsonapi.route import Answer
from counterfoil.signin.doors import browser, cookie
from counterfoil.signin.login import sign_in
from counterfoil.signin.policy import local_path
from counterfoil.signin.steps.ways import codes_asked
from counterfoil.signin.unlock import ask_who_it_is, sign_in_by_passkey
from counterfoil.web import passkey
from counterfoil.web.language import N_
from counterfoil.web.page import Page, Visit

_TITLE: Final = N_("Sign in")
_TO_CLIENTS: Final = "/oauth/"


def show(visit: Visit) -> Answer:
    """Show the form; where to go on to comes from the address, or from the form itself."""
    next_ = visit.form.text("next") if visit.form.values else visit.asked.query.text("next")
    with visit.asked.office.database.reading() as tx:
        founded = directory.is_founded(tx)
    coded = codes_asked(visit.asked.office)
    return visit.show("signin", next=local_path(next_) or "", founded=founded, coded=coded)


def enter(visit: Visit) -> Answer:
    """Sign in, and go on to where one was going."""
    asked, form = visit.asked, visit.form
    ticket = sign_in(
        asked.office,
        form.text("email"),
        form.text("password"),
        asked.origin,
        cookie.presented(asked),
        code=form.text("code"),
        language=visit.language,
    )
    return _gone_on(visit, ticket)


def ask(visit: Visit) -> Answer:
    """Ask the browser for a passkey; of whoever proves again who they are, for one of theirs."""
    asked = visit.asked
    again = visit.signed_in and visit.form.text("_again") == "on"
    user = visit.caller.user if again else None
    return passkey.asked(
        visit, lambda browser: ask_who_it_is(asked.office, browser, asked.origin, user=user)
    )


def enter_by_passkey(visit: Visit) -> Answer:
    """Sign in by what a passkey signed, and go on to where one was going."""
    asked = visit.asked
    ticket = sign_in_by_passkey(
        asked.office,
        passkey.browser(visit),
        visit.form.text(passkey.CREDENTIAL),
        asked.origin,
        cookie.presented(asked),
        language=visit.language,
    )
    return _gone_on(visit, ticket)


def _gone_on(visit: Visit, ticket: str) -> Answer:
    given = (cookie.given(visit.asked, ticket)["Set-Cookie"],)
    next_ = local_path(visit.form.text("next")) or "/"
    if next_.startswith(_TO_CLIENTS):
        return _onward(visit, next_, given)
    return visit.go(next_, cookies=given)


def _onward(visit: Visit, next_: str, cookies: tuple[str, ...]) -> Answer:
    """Lead on by a page of its own.

    A browser holds a form to its policy through every redirect that follows, and the way to a
    client ends at an address that is not ours.
    """
    shown = visit.show("onward", title=visit.say("Signed in"), next=next_)
    return Answer(shown.status, shown.body, shown.headers, cookies=cookies)


PAGES: Final = (
    Page(
        "GET",
        "/signin",
        show,
        _TITLE,
        query=(Parameter("next", "Where to go on to, within this server."),),
        public=True,
    ),
    Page(
        "POST",
        "/signin",
        enter,
        _TITLE,
        public=True,
        form=show,
        secrets=("password", "code"),
        programs=browser.SIGN_IN,
    ),
    Page("POST", "/signin/passkey/begin", ask, _TITLE, public=True),
    Page(
        "POST",
        "/signin/passkey",
        enter_by_passkey,
        _TITLE,
        operation="signin.login_by_passkey",
        public=True,
        form=show,
        secrets=(passkey.CREDENTIAL,),
    ),
)
