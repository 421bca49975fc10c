"""Choosing a password, for browsers and for programs that do as browsers do.

A form is answered with a page and JSON with a status alone. Codes and passwords are typed or
pasted, and stand in no address (S9).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from counterfoil.jsonapi.body import FORM_TYPE, Body, media_type
from counterfoil.jsonapi.fault import PLAIN, status_of
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, CounterfoilError, Invalid
from counterfoil.signin.choose import accept, change
from counterfoil.signin.doors import page
from counterfoil.signin.doors.address import base, from_ourselves

SETUP: Final = "/setup"
_CHANGE: Final = "/password"
_HTML: Final = "text/html; charset=utf-8"
_route = partial(Route, section="Sign-in")

T = TypeVar("T", bound=Body)


class FirstPassword(Body, frozen=True):
    """The one-time code of an invitation, and the password that its bearer chooses."""

    code: str
    password: str


class OtherPassword(Body, frozen=True):
    """Who wants another password, the one they have, and the one they want."""

    email: str
    password: str
    new_password: str


def show_first(asked: Asked) -> Answer:
    """Show the form for who was invited."""
    base(asked)
    return Answer(200, page.setup(), page.HEADERS)


def choose(asked: Asked) -> Answer:
    """Choose the first password, or one in the place of a lost one."""

    def chosen(wanted: FirstPassword) -> None:
        accept(asked.office, wanted.code.strip(), wanted.password, asked.origin)

    return _settled(asked, FirstPassword, chosen, page.setup)


def show_other(asked: Asked) -> Answer:
    """Show the form for who wants another password."""
    base(asked)
    return Answer(200, page.another(), page.HEADERS)


def replace(asked: Asked) -> Answer:
    """Change one's own password."""

    def changed(wanted: OtherPassword) -> None:
        try:
            change(asked.office, wanted.email, wanted.password, wanted.new_password, asked.origin)
        except Invalid as error:
            raise Invalid(error.code, error.detail, field="/new_password") from None

    return _settled(asked, OtherPassword, changed, page.another)


def _settled(
    asked: Asked,
    type_: type[T],
    settle: Callable[[T], None],
    form: Callable[[str], bytes],
) -> Answer:
    """Do what was asked, and say so as it was asked: a form in a page, a program in a status."""
    base(asked)
    from_ourselves(asked)
    if media_type(asked.headers.get("content-type")) != FORM_TYPE:
        settle(asked.struct(type_))
        return Answer(204)
    wanted = _filled_in(asked, type_)
    try:
        settle(wanted)
    except CounterfoilError as error:
        return Answer(status_of(error.code), form(error.detail), page.HEADERS)
    return Answer(200, page.chosen(), page.HEADERS)


def _filled_in(asked: Asked, type_: type[T]) -> T:
    fields = asked.form()
    for name in type_.__struct_fields__:
        if name not in fields:
            raise Invalid(Code.INVALID_FIELD, "This member is required.", field=f"/{name}")
    for name in fields.keys() - set(type_.__struct_fields__):
        raise Invalid(Code.INVALID_FIELD, "There is no such member here.", field=f"/{name[:80]}")
    return type_(**fields)


_page = partial(_route, open=True, media=_HTML, gives={200: str})
_act = partial(_page, reads=(PLAIN, FORM_TYPE), gives={204: None, 200: str})

ROUTES: Final = (
    _page("GET", SETUP, show_first, "", "The form for who was invited."),
    _act(
        "POST",
        SETUP,
        choose,
        "password.choose",
        "Choose a password by the code of an invitation.",
        takes=FirstPassword,
        example={"code": "cfi_EXAMPLE", "password": "correct-horse-battery"},
        fails=(Code.INVALID_INVITATION, Code.RATE_LIMIT_EXCEEDED, Code.CROSS_SITE_REQUEST),
    ),
    _page("GET", _CHANGE, show_other, "", "The form for who wants another password."),
    _act(
        "POST",
        _CHANGE,
        replace,
        "password.change",
        "Change one's own password, by the one that one has; every session is over.",
        takes=OtherPassword,
        example={
            "email": "ada@example.com",
            "password": "correct-horse-battery",
            "new_password": "staple-in-another-haystack",
        },
        fails=(Code.WRONG_PASSWORD, Code.RATE_LIMIT_EXCEEDED, Code.CROSS_SITE_REQUEST),
    ),
)
"""What the office serves of passwords."""
