"""Signing in with e-mail and password, and what is kept of it."""

from __future__ import annotations

import logging
from typing import Literal

import pytest
from sqlalchemy import select

from counterfoil.kernel.errors import Refused
from counterfoil.signin import digest_password
from counterfoil.signin.login import sign_in
from counterfoil.signin.password import ARGON2ID, Passwords
from counterfoil.signin.store.tables import identities
from support.office import ORIGIN
from support.passwords import Cheap, at_real_cost
from support.signin import ADA, PASSWORD, House, Visitor

NOBODY = "nobody@example.com"


def test_passwords_rest_as_argon2id(house: House) -> None:
    """What is kept of a password is argon2id, with a salt of its own for each (S6)."""
    with house.office.database.reading() as tx:
        kept = list(tx.execute(select(identities.c.digest)).scalars())
    assert len(kept) == 2
    with at_real_cost():
        kept += [digest_password(PASSWORD, house.office.entropy) for _ in range(2)]
    assert all(digest.startswith("$argon2id$v=19$") for digest in kept)
    assert all("$m=65536,t=3,p=4$" in digest for digest in kept[2:])
    assert len({digest.split("$")[4] for digest in kept[1:]}) == 3


@pytest.mark.parametrize(
    "changed", ["", PASSWORD[:-1], PASSWORD + " ", PASSWORD.upper(), "x" * 99_999]
)
def test_one_password_opens(visitor: Visitor, changed: str) -> None:
    """Any other string is refused, however long, and leaves no cookie (S6)."""
    seen = visitor.sign_in(ADA, changed)
    assert (seen.status, seen.error) == (401, "WRONG_PASSWORD")
    assert visitor.cookies == {}


def test_half_a_character_is_just_wrong(visitor: Visitor) -> None:
    """A password that is no text at all is refused like any other."""
    with pytest.raises(Refused, match="WRONG_PASSWORD"):
        ARGON2ID.prove(None, "\ud800")
    assert visitor.go("POST", "/signin", form="email=a%40b&password=%ff").status == 400


def test_nobody_and_wrong_answer_alike(visitor: Visitor) -> None:
    """An unknown e-mail gets the very bytes that a wrong password gets (S7)."""
    assert visitor.sign_in(NOBODY, "x") == visitor.sign_in(ADA, "x")


def test_nobody_costs_a_verification_too(house: House) -> None:
    """Argon2 runs exactly once for an unknown e-mail, as for a wrong password (S7)."""
    ran: list[str] = []

    class Counting(Cheap):
        def verify(self, kept: str | bytes, presented: str | bytes) -> Literal[True]:
            ran.append(str(kept))
            return super().verify(kept, presented)

    passwords = Passwords(Counting())
    for email in (NOBODY, ADA):
        with pytest.raises(Refused):
            sign_in(house.office, email, "x", ORIGIN, passwords=passwords)
    with house.office.database.reading() as tx:
        kept = set(tx.execute(select(identities.c.digest)).scalars())
    assert [digest in kept for digest in ran] == [False, True]
    assert {digest.split("$")[2:4] == ran[0].split("$")[2:4] for digest in kept} == {True}


def test_an_email_is_cased_as_one_likes(visitor: Visitor) -> None:
    """The e-mail address is the same however it is cased."""
    assert visitor.sign_in(ADA.upper()).status == 204


def test_what_happened_is_on_record(house: House, visitor: Visitor) -> None:
    """Sign-ins, failures, codes, redemptions and sign-outs each leave one entry (S9)."""
    before = len(house.trail())
    visitor.sign_in(ADA, "x")
    visitor.sign_in(NOBODY, "x")
    tokens = visitor.tokens()
    visitor.refresh(tokens["refresh_token"])
    visitor.go("POST", "/signout")
    assert house.trail()[before:] == [
        ("signin.fail", "WRONG_PASSWORD"),
        ("signin.login", "allowed"),
        ("oauth.authorize", "allowed"),
        ("oauth.redeem", "allowed"),
        ("oauth.refresh", "allowed"),
        ("signin.logout", "allowed"),
    ]


def test_nothing_secret_is_logged(
    visitor: Visitor, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither log nor standard output shows a password, a cookie, a code or a token (S9)."""
    caplog.set_level(logging.DEBUG)
    tokens = visitor.tokens()
    code = visitor.code()
    visitor.redeem(code, code_verifier="x" * 43)
    visitor.refresh(tokens["refresh_token"])
    said = caplog.text + "".join(capfd.readouterr())
    cookie = visitor.cookies["counterfoil"]
    for secret in (PASSWORD, cookie, code, tokens["access_token"], tokens["refresh_token"]):
        assert secret not in said
