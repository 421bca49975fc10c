"""How often somebody may try to sign in."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from types import SimpleNamespace
from typing import Literal

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from counterfoil.directory.model import FOLDABLE
from counterfoil.kernel.errors import Limited
from counterfoil.signin.login import sign_in
from counterfoil.signin.password import Passwords
from counterfoil.signin.store.identities import account_key, count, source_key
from counterfoil.signin.store.tables import attempts
from support.office import ORIGIN, StandingClock
from support.signin import ADA, PASSWORD, House, Visitor

NOBODY = "nobody@example.com"


def test_too_many_failures_wait(visitor: Visitor, clock: StandingClock) -> None:
    """From the tenth failure on an account at one source waits, twice as long each time (S43)."""
    for _ in range(10):
        assert visitor.sign_in(ADA, "x").status == 401
    for wait in (1, 2, 4):
        assert visitor.sign_in().status == 429
        clock.move_on(seconds=wait - 0.001)
        assert visitor.sign_in().status == 429
        clock.move_on(seconds=0.001)
        assert visitor.sign_in(ADA, "x").status == 401
    clock.move_on(minutes=15)
    assert visitor.sign_in().status == 204
    assert visitor.sign_in(ADA, "x").status == 401


def test_a_throttle_says_how_long(visitor: Visitor) -> None:
    """The refusal carries the seconds to wait, and is the same for an unknown e-mail (S7, S43)."""
    for email in (ADA, NOBODY):
        for _ in range(10):
            visitor.sign_in(email, "x")
    known, unknown = visitor.sign_in(ADA, "x"), visitor.sign_in(NOBODY, "x")
    assert known == unknown
    assert known.error == "RATE_LIMIT_EXCEEDED"
    assert known.json["errors"][0]["meta"] == {"retry_after": 1}


def test_nobody_locks_others_out(house: House, visitor: Visitor, clock: StandingClock) -> None:
    """Failures from elsewhere, even hundreds, do not keep out whoever was seen here (S43)."""
    visitor.sign_in()
    with house.office.database.transaction() as tx:
        for number in range(10):
            count(tx, account_key(ADA), f"198.51.100.{number}", 10, clock())
    assert Visitor(house.office, address="198.51.100.99").sign_in().status == 429
    assert visitor.sign_in().status == 204


def test_a_source_waits_whatever_it_names(house: House, clock: StandingClock) -> None:
    """Going through many accounts from one address slows down all of that address (S42, S43)."""
    with house.office.database.transaction() as tx:
        source = source_key("203.0.113.5")
        for number in range(20):
            count(tx, number.to_bytes(32), source, 10, clock())
    crowd = Visitor(house.office, address="203.0.113.5")
    assert crowd.sign_in().status == 429
    clock.move_on(seconds=30)
    assert crowd.sign_in().status == 204


def test_guesses_at_once_are_counted(house: House) -> None:
    """Forty guesses at the same time get no more than ten verifications (S43)."""
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: Visitor(house.office).sign_in(ADA, "x").status, range(40)))
    assert seen.count(401) == 10
    assert seen.count(429) == 30


def test_attempts_are_forgotten(house: House, visitor: Visitor, clock: StandingClock) -> None:
    """Rows that count no more go when the next one comes, so the table stays small (S43)."""
    for number in range(5):
        visitor.sign_in(f"{number}@example.com", "x")
    clock.move_on(days=1)
    visitor.sign_in(ADA, "x")
    with house.office.database.reading() as tx:
        assert len(tx.execute(select(attempts)).all()) == 1


def test_a_crowd_is_told_to_come_back(house: House, visitor: Visitor) -> None:
    """When too many wait for argon2, the rest are told so instead of waiting for ever (R18)."""
    begun, go_on = Event(), Event()

    class Slow(PasswordHasher):
        def verify(self, kept: str | bytes, presented: str | bytes) -> Literal[True]:
            begun.set()
            assert go_on.wait(30)
            return super().verify(kept, presented)

    passwords = Passwords(Slow(), at_once=1, patience_s=0.01)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(passwords.prove, house.digested, PASSWORD)
        try:
            assert begun.wait(30)
            with pytest.raises(Limited) as told:
                sign_in(house.office, ADA, PASSWORD, ORIGIN, passwords=passwords)
        finally:
            go_on.set()
        first.result()
    assert told.value.meta["retry_after"] == 1
    assert visitor.sign_in().status == 204


def test_an_endless_address(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that is too long to be anybody's costs no more than another wrong one (S43).

    To normalize it would take seconds: combining characters are sorted by pairs.
    """
    normalized: list[int] = []

    def normalize(form: Literal["NFKC"], text: str) -> str:
        normalized.append(len(text))
        return unicodedata.normalize(form, text)

    watched = SimpleNamespace(normalize=normalize)
    monkeypatch.setattr("counterfoil.directory.model.unicodedata", watched)
    endless = f"a{chr(0x301) + chr(0x316)}".ljust(60_000, chr(0x301)) + "@example.com"
    seen = visitor.sign_in(endless, "x")
    unknown = visitor.sign_in(NOBODY, "x")
    assert (seen.status, seen.error) == (unknown.status, unknown.error) == (401, "WRONG_PASSWORD")
    assert max(normalized) <= 2 * FOLDABLE
    for _ in range(9):
        assert visitor.sign_in(endless, "x").status == 401
    assert visitor.sign_in(endless, "x").status == 429
