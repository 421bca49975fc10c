"""Settings, Security: an authenticator app is set up beside the password, and removed."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Final

from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.errors import Code, Malformed
from counterfoil.operation import Work
from counterfoil.signin.second import add_second, offer_second, remove_second, renew_codes
from counterfoil.signin.totp import SALT_BYTES, address
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit
from counterfoil.web.pages import security
from counterfoil.web.sent_once import key_of, made_once

_BACK: Final = "/settings/security"
_PATH: Final = "/settings/security/authenticator"
_TITLE: Final = N_("Set up an authenticator app")
_GROUP: Final = 4


def show(visit: Visit) -> Answer:
    """Show what the app is given, as a picture and as letters, and ask for a code of it."""
    salt = _salt(visit) if visit.form.values else visit.asked.office.entropy(SALT_BYTES)
    with visit.read() as work:
        secret = offer_second(work, salt)
    person = visit.frame(visit).person
    said = address(secret, person.email or "" if person else "")
    letters = " ".join(secret[at : at + _GROUP] for at in range(0, len(secret), _GROUP))
    return visit.show(
        "second_factor",
        secret=True,
        salt=base64.urlsafe_b64encode(salt).decode(),
        picture=_picture(said),
        address=said,
        once=key_of(visit),
        letters=letters,
    )


def keep(visit: Visit) -> Answer:
    """Ask for codes of the app from now on, and show those for recovery this once."""
    salt, code = _salt(visit), visit.form.text("code")
    return _shown_once(visit, lambda work: add_second(work, salt, code), renewed=False)


def renew(visit: Visit) -> Answer:
    """Show new codes for recovery this once; those of before are worth nothing."""
    return _shown_once(visit, renew_codes, renewed=True)


def remove(visit: Visit) -> Answer:
    """Ask for codes no more."""
    with visit.work() as work:
        remove_second(work)
    said = visit.say("The app is asked for no more, and every other session of yours is over.")
    return visit.go(_BACK, Notice(said))


def _shown_once(visit: Visit, draw: Callable[[Work], list[str]], *, renewed: bool) -> Answer:
    """Show new codes; who sends the form again, as by a reload, is led back, and none are made."""
    codes = made_once(visit, draw, lambda _codes: visit.caller.user or 0)
    if isinstance(codes, str):
        said = visit.say(
            "These codes were shown already, once. Make new ones if you have not kept them."
        )
        return visit.go(_BACK, Notice(said, "warning"))
    return visit.show("second_factor_codes", secret=True, codes=codes, renewed=renewed)


def _picture(said: str) -> str:
    """Return a QR code as a picture in a page: dark on light in either theme, as scanners want."""
    import segno  # noqa: PLC0415 - heavy, and for this page alone

    return segno.make(said, error="m").svg_inline(scale=5, border=4, light="#fff")


def _salt(visit: Visit) -> bytes:
    """Return the random part that the form carries: what comes of it only our key makes."""
    try:
        salt = base64.b64decode(visit.form.text("salt"), altchars=b"-_", validate=True)
    except ValueError:
        salt = b""
    if len(salt) != SALT_BYTES:
        raise Malformed(Code.INVALID_REQUEST, "The form is not as this page made it.")
    return salt


PAGES: Final = (
    Page("GET", _PATH, show, _TITLE, operation="second_factor.offer", fresh=True),
    Page(
        "POST",
        _PATH,
        keep,
        _TITLE,
        operation="second_factor.add",
        also=("second_factor.offer",),
        form=show,
        secrets=("code",),
    ),
    Page(
        "POST",
        f"{_PATH}/codes",
        renew,
        N_("Keep these codes"),
        operation="recovery_code.renew",
        form=security.show,
    ),
    Page(
        "POST",
        f"{_PATH}/remove",
        remove,
        N_("Security"),
        operation="second_factor.remove",
        form=security.show,
    ),
)
