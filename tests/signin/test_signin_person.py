"""What becomes of somebody's sessions when they leave and come back."""

from __future__ import annotations

from typing import Literal

import pytest
from argon2 import PasswordHasher

from counterfoil.directory.deactivate import deactivate_user, reactivate_user
from counterfoil.directory.enroll import end
from counterfoil.kernel.errors import Invalid, Refused
from counterfoil.signin import digest_password, set_password
from counterfoil.signin.login import sign_in
from counterfoil.signin.password import Passwords
from support.office import ORIGIN
from support.signin import ADA, BEN, PASSWORD, House, Visitor


def test_a_deactivated_person_is_out(house: House, visitor: Visitor) -> None:
    """Deactivation kills cookie, code, refresh token and sign-in; the answer is the usual (S20)."""
    ben = Visitor(house.office)
    tokens = _signed_in(ben)
    code = ben.code()
    with house.operating() as work:
        deactivate_user(work, house.ben)
    assert ben.refresh(tokens["refresh_token"]).error == "invalid_grant"
    assert ben.redeem(code).error == "invalid_grant"
    assert ben.authorize().headers["Location"].startswith("/signin")
    assert ben.sign_in(BEN) == visitor.sign_in(ADA, "x")


def test_coming_back_revives_nothing(house: House) -> None:
    """Reactivation lets a person sign in anew; what they had before stays dead (S20)."""
    ben = Visitor(house.office)
    tokens = _signed_in(ben)
    code = ben.code()
    with house.operating() as work:
        deactivate_user(work, house.ben)
    with house.operating() as work:
        reactivate_user(work, house.ben)
    assert ben.refresh(tokens["refresh_token"]).error == "invalid_grant"
    assert ben.redeem(code).error == "invalid_grant"
    assert ben.authorize().headers["Location"].startswith("/signin")
    assert ben.sign_in(BEN).status == 204
    assert ben.redeem(ben.code()).status == 200


def test_who_belongs_nowhere_does_not_come_in(house: House) -> None:
    """With the last membership sign-in ends, and the sessions with it (S20)."""
    ben = Visitor(house.office)
    tokens = _signed_in(ben)
    with house.operating() as work:
        end(work, house.ben)
    assert ben.refresh(tokens["refresh_token"]).error == "invalid_grant"
    assert ben.sign_in(BEN).status == 401


@pytest.mark.parametrize("length", [0, 11, 513])
def test_a_password_has_a_length(house: House, length: int) -> None:
    """A password of fewer than 12 or more than 512 characters is not taken (S6)."""
    with pytest.raises(Invalid):
        digest_password("x" * length, house.office.entropy)


def test_a_password_changed_meanwhile_does_not_open(house: House) -> None:
    """What was proved against the old password is worth nothing once there is a new one (S44)."""
    fresh = digest_password("another good one", house.office.entropy)

    class Overtaken(PasswordHasher):
        def verify(self, kept: str | bytes, presented: str | bytes) -> Literal[True]:
            proved = super().verify(kept, presented)
            with house.operating() as work:
                set_password(work, house.ada, fresh)
            return proved

    with pytest.raises(Refused):
        sign_in(house.office, ADA, PASSWORD, ORIGIN, passwords=Passwords(Overtaken()))


def _signed_in(browser: Visitor) -> dict[str, str]:
    assert browser.sign_in(BEN).status == 204
    return browser.redeem(browser.code()).json
