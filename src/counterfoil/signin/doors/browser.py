"""Signing in and out, for browsers and for programs that do as browsers do."""

from __future__ import annotations

from functools import partial
from typing import Final

from counterfoil.jsonapi.body import FORM_TYPE, Body, media_type
from counterfoil.jsonapi.fault import PLAIN, status_of
from counterfoil.jsonapi.openapi_security import BROWSER
from counterfoil.jsonapi.parameter import Parameter
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, CounterfoilError, Invalid, Refused
from counterfoil.signin import policy
from counterfoil.signin.doors import cookie, page
from counterfoil.signin.doors.address import base, from_ourselves
from counterfoil.signin.login import logout, sign_in
from counterfoil.signin.steps.session import in_person
from counterfoil.signin.steps.visit import visitor

_route = partial(Route, open=True, section="Sign-in")


class Credentials(Body, frozen=True):
    """Who wants to sign in. `next` is where our own form goes on to; programs leave it out."""

    email: str
    password: str
    next: str | None = None


def show(asked: Asked) -> Answer:
    """Show the form."""
    base(asked)
    next_ = policy.local_path(asked.query.text("next"))
    return Answer(200, page.form(next_), page.HEADERS)


def enter(asked: Asked) -> Answer:
    """Sign in."""
    from_ourselves(asked)
    wanted = _credentials(asked)
    try:
        ticket = sign_in(
            asked.office, wanted.email, wanted.password, asked.origin, cookie.presented(asked)
        )
    except CounterfoilError as error:
        if wanted.next is None or error.code not in {Code.WRONG_PASSWORD, Code.RATE_LIMIT_EXCEEDED}:
            raise
        next_ = policy.local_path(wanted.next)
        return Answer(status_of(error.code), page.form(next_, error.detail), page.HEADERS)
    given = cookie.given(asked, ticket)
    if wanted.next is None:
        return Answer(204, headers=given, secret=True)
    onward = page.onward(policy.local_path(wanted.next))
    return Answer(200, onward, {**page.HEADERS, **given})


def leave(asked: Asked) -> Answer:
    """Sign out, everywhere. Whoever is not signed in stays so."""
    from_ourselves(asked)
    gone = cookie.taken(asked)
    office = asked.office
    try:
        session, organization = visitor(office, cookie.presented(asked))
    except Refused:
        return Answer(204, headers=gone)
    with office.work(in_person(session, organization), asked.origin) as work:
        logout(work, session.id)
    return Answer(204, headers=gone)


def _credentials(asked: Asked) -> Credentials:
    if media_type(asked.headers.get("content-type")) != FORM_TYPE:
        return asked.struct(Credentials)
    fields = asked.form()
    for name in ("email", "password"):
        if name not in fields:
            raise Invalid(Code.INVALID_FIELD, "This member is required.", field=f"/{name}")
    for name in fields.keys() - {"email", "password", "next"}:
        raise Invalid(Code.INVALID_FIELD, "There is no such member here.", field=f"/{name[:80]}")
    return Credentials(**fields)


_HTML: Final = "text/html; charset=utf-8"

ROUTES: Final = (
    _route(
        method="GET",
        path="/signin",
        handle=show,
        operation="",
        summary="The sign-in form.",
        gives={200: str},
        query=(Parameter("next", "Where to go on to, within this server."),),
        media=_HTML,
    ),
    _route(
        method="POST",
        path="/signin",
        handle=enter,
        operation="signin.login",
        summary="Sign in with e-mail and password; answers with a session cookie.",
        gives={204: None, 200: str},
        takes=Credentials,
        example={"email": "ada@example.com", "password": "correct-horse-battery"},
        reads=(PLAIN, FORM_TYPE),
        media=_HTML,
        fails=(Code.WRONG_PASSWORD, Code.RATE_LIMIT_EXCEEDED, Code.CROSS_SITE_REQUEST),
    ),
    _route(
        method="POST",
        path="/signout",
        handle=leave,
        operation="signin.logout",
        summary="End every session of whoever is signed in.",
        gives={204: None},
        heeds=(BROWSER,),
        fails=(Code.CROSS_SITE_REQUEST,),
    ),
)
