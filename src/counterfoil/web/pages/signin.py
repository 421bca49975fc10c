"""Signing in by e-mail and password."""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.parameter import Parameter
from counterfoil.jsonapi.route import Answer
from counterfoil.signin.doors import browser, cookie
from counterfoil.signin.login import sign_in
from counterfoil.signin.policy import local_path
from counterfoil.web.language import N_
from counterfoil.web.page import Page, Visit

_TITLE: Final = N_("Sign in")
_TO_CLIENTS: Final = "/oauth/"


def show(visit: Visit) -> Answer:
    """Show the form; where to go on to comes from the address, or from the form itself."""
    next_ = visit.form.text("next") if visit.form.values else visit.asked.query.text("next")
    return visit.show("signin", next=local_path(next_) or "")


def enter(visit: Visit) -> Answer:
    """Sign in, and go on to where one was going."""
    asked, form = visit.asked, visit.form
    ticket = sign_in(
        asked.office,
        form.text("email"),
        form.text("password"),
        asked.origin,
        cookie.presented(asked),
    )
    given = (cookie.given(asked, ticket)["Set-Cookie"],)
    next_ = local_path(form.text("next")) or "/"
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
        secrets=("password",),
        programs=browser.SIGN_IN,
    ),
)
