"""Signing in and out, for programs that do as browsers do. The pages are in `web/`."""

from __future__ import annotations

from functools import partial
from typing import Final

from counterfoil.jsonapi.body import FORM_TYPE, Body, media_type
from counterfoil.jsonapi.fault import PLAIN
from counterfoil.jsonapi.openapi_security import BROWSER
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Invalid, Refused
from counterfoil.signin.doors import cookie
from counterfoil.signin.doors.address import from_ourselves
from counterfoil.signin.login import logout, sign_in
from counterfoil.signin.steps.session import in_person
from counterfoil.signin.steps.visit import visitor

_route = partial(Route, open=True, section="Sign-in")


class Credentials(Body, frozen=True):
    """Who wants to sign in; whoever has set up an authenticator app, with a code of it."""

    email: str
    password: str
    code: str = ""


def enter(asked: Asked) -> Answer:
    """Sign in."""
    from_ourselves(asked)
    wanted = _credentials(asked)
    ticket = sign_in(
        asked.office,
        wanted.email,
        wanted.password,
        asked.origin,
        cookie.presented(asked),
        code=wanted.code,
    )
    return Answer(204, headers=cookie.given(asked, ticket), secret=True)


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
    for name in fields.keys() - {"email", "password", "code"}:
        raise Invalid(Code.INVALID_FIELD, "There is no such member here.", field=f"/{name[:80]}")
    return Credentials(**fields)


SIGN_IN: Final = _route(
    method="POST",
    path="/signin",
    handle=enter,
    operation="signin.login",
    also=("signin.fail",),
    summary="Sign in with e-mail and password; answers with a session cookie.",
    gives={204: None},
    takes=Credentials,
    example={"email": "ada@example.com", "password": "correct-horse-battery"},
    reads=(PLAIN, FORM_TYPE),
    fails=(
        Code.WRONG_PASSWORD,
        Code.PASSWORDS_REFUSED,
        Code.RATE_LIMIT_EXCEEDED,
        Code.CROSS_SITE_REQUEST,
    ),
)
SIGN_OUT: Final = _route(
    method="POST",
    path="/signout",
    handle=leave,
    operation="signin.logout",
    summary="End every session of whoever is signed in.",
    gives={204: None},
    heeds=(BROWSER,),
    fails=(Code.CROSS_SITE_REQUEST,),
)

ROUTES: Final = (SIGN_IN, SIGN_OUT)
"""What programs find at these addresses; a browser's forms go to the pages there."""
