"""Choosing a password, for programs that do as browsers do. The pages are in `web/`.

Codes and passwords stand in no address (S9).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from counterfoil.jsonapi.body import FORM_TYPE, Body, media_type
from counterfoil.jsonapi.fault import PLAIN
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.signin.choose import accept, change
from counterfoil.signin.doors.address import base, from_ourselves

SETUP: Final = "/setup"
_CHANGE: Final = "/password"
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
    code: str = ""


def choose(asked: Asked) -> Answer:
    """Choose the first password, or one in the place of a lost one."""

    def chosen(wanted: FirstPassword) -> None:
        accept(asked.office, wanted.code.strip(), wanted.password, asked.origin)

    return _settled(asked, FirstPassword, chosen)


def replace(asked: Asked) -> Answer:
    """Change one's own password."""

    def changed(wanted: OtherPassword) -> None:
        try:
            change(
                asked.office,
                wanted.email,
                wanted.password,
                wanted.new_password,
                asked.origin,
                wanted.code,
            )
        except Invalid as error:
            raise Invalid(error.code, error.detail, field="/new_password") from None

    return _settled(asked, OtherPassword, changed)


def _settled(asked: Asked, type_: type[T], settle: Callable[[T], None]) -> Answer:
    """Do what was asked, as JSON or as a form, and say so in a status."""
    base(asked)
    from_ourselves(asked)
    a_form = media_type(asked.headers.get("content-type")) == FORM_TYPE
    wanted = _filled_in(asked, type_) if a_form else asked.struct(type_)
    settle(wanted)
    return Answer(204)


def _filled_in(asked: Asked, type_: type[T]) -> T:
    fields = asked.form()
    known = type_.__struct_fields__
    for name in known[: len(known) - len(type_.__struct_defaults__)]:
        if name not in fields:
            raise Invalid(Code.INVALID_FIELD, "This member is required.", field=f"/{name}")
    for name in fields.keys() - set(known):
        raise Invalid(Code.INVALID_FIELD, "There is no such member here.", field=f"/{name[:80]}")
    return type_(**fields)


_act = partial(_route, open=True, gives={204: None}, reads=(PLAIN, FORM_TYPE))

CHOOSE: Final = _act(
    "POST",
    SETUP,
    choose,
    "password.choose",
    "Choose a password by the code of an invitation.",
    takes=FirstPassword,
    example={"code": "cfi_EXAMPLE", "password": "correct-horse-battery"},
    fails=(
        Code.INVALID_INVITATION,
        Code.PASSWORDS_REFUSED,
        Code.RATE_LIMIT_EXCEEDED,
        Code.CROSS_SITE_REQUEST,
    ),
)
CHANGE: Final = _act(
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
    fails=(
        Code.WRONG_PASSWORD,
        Code.PASSWORDS_REFUSED,
        Code.RATE_LIMIT_EXCEEDED,
        Code.CROSS_SITE_REQUEST,
    ),
)

ROUTES: Final = (CHOOSE, CHANGE)
"""What the office serves of passwords to programs."""
