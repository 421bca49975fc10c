"""An authenticator app as a person holds it, and who tries to come in beside it."""

from __future__ import annotations

import re

import pyotp

from counterfoil.web.form import token_of
from support.signin import BEN, PASSWORD, House, Seen, Visitor

AUTHENTICATOR = "/settings/security/authenticator"


class App:
    """An app that was given a key, and codes for when it is lost."""

    def __init__(self, visitor: Visitor, email: str = BEN) -> None:
        self.visitor, self.email = visitor, email
        visitor.sign_in(email)
        page = visitor.go("GET", AUTHENTICATOR).body.decode()
        found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
        salt = re.search(r'name="salt" value="([^"]+)"', page)
        assert found
        assert salt
        self.salt, self.key = salt[1], found[1].replace(" ", "")
        done = sent(visitor, AUTHENTICATOR, salt=self.salt, code=self.code())
        assert done.status == 200, done.body
        self.recovery = re.findall(r"[a-z2-7]{4}(?:-[a-z2-7]{4}){3}", done.body.decode())
        visitor.office.clock.move_on(seconds=30)  # type: ignore[attr-defined]

    def code(self, later: int = 0) -> str:
        now = int(self.visitor.office.clock().timestamp())
        return pyotp.TOTP(self.key).generate_otp(now // 30 + later)


def sent(visitor: Visitor, path: str, **form: str) -> Seen:
    ours = token_of(visitor.cookies.get("counterfoil", ""))
    return visitor.go("POST", path, form={"_form": ours, **form}, accept="text/html")


def enter(house: House, code: str | None, email: str = BEN, password: str = PASSWORD) -> Seen:
    body = {"email": email, "password": password, **({} if code is None else {"code": code})}
    return Visitor(house.office).go("POST", "/signin", json=body)
