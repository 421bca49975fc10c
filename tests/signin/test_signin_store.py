"""The sign-in slice on each engine: what one statement settles, and what rests where."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.ids import TokenId
from counterfoil.runtime.database import Database
from counterfoil.secret import digest
from counterfoil.signin.model import Purpose, Session
from counterfoil.signin.store import identities, tables
from counterfoil.signin.store import rows as store_rows
from counterfoil.signin.store.identities import source_key
from counterfoil.signin.store.tables import attempts
from support.office import START, StandingClock, office_on
from support.signin import ADA, House, Seen, Visitor

pytestmark = pytest.mark.each_engine

AT_ONCE = 6


@pytest.fixture
def place(database: Database, clock: StandingClock, entropy: Entropy) -> House:
    return House(office_on(database, clock, entropy))


def together(act: Callable[[], Seen]) -> list[int]:
    """Do the same thing several times at once; return the statuses in order of size."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sorted(pool.map(lambda _: act().status, range(AT_ONCE)))


def test_the_whole_way_on_each_engine(place: House, clock: StandingClock) -> None:
    """Sign-in, code, refresh, revocation and sign-out work on SQLite and on Postgres (G3)."""
    visitor = Visitor(place.office)
    tokens = visitor.tokens()
    clock.move_on(minutes=11)
    fresh = visitor.refresh(tokens["refresh_token"]).json
    assert place.live() == {digest(fresh["access_token"])}
    assert visitor.refresh(tokens["refresh_token"]).error == "invalid_grant"
    assert place.live() == set()
    again = visitor.redeem(visitor.code()).json
    assert visitor.go("POST", "/oauth/revoke", form={"token": again["access_token"]}).status == 200
    assert place.live() == set()
    assert visitor.go("POST", "/signout").status == 204
    assert visitor.authorize().headers["Location"].startswith("/signin")


def test_each_engine_gives_a_code_once(place: House) -> None:
    """Of redemptions at the same time exactly one gets tokens (S48)."""
    visitor = Visitor(place.office)
    visitor.sign_in()
    code = visitor.code()
    assert together(lambda: visitor.redeem(code)) == [200] + (AT_ONCE - 1) * [400]


def test_each_engine_spends_a_refresh_token_once(place: House) -> None:
    """Of refreshes at the same time exactly one gets tokens, and then the family ends (S48)."""
    visitor = Visitor(place.office)
    refresh = visitor.tokens()["refresh_token"]
    assert together(lambda: visitor.refresh(refresh)) == [200] + (AT_ONCE - 1) * [400]
    assert place.live() == set()


def test_each_engine_counts_guesses(place: House) -> None:
    """Guesses at the same time are each counted before they are tried (S43)."""
    visitor = Visitor(place.office)
    for _ in range(9):
        visitor.sign_in(ADA, "x")
    assert together(lambda: visitor.sign_in(ADA, "x")) == [401] + (AT_ONCE - 1) * [429]
    with place.office.database.reading() as tx:
        assert tx.execute(select(func.sum(attempts.c.failures))).scalar_one() == 10


def test_a_password_is_kept_once(place: House) -> None:
    """A new password takes the place of the old one; no second identity appears (S6)."""
    with place.office.database.transaction() as tx:
        identities.keep_password(tx, 1, place.ada, "new", START)
        assert identities.kept_password(tx, place.ada) == "new"
        assert identities.kept_password(tx, None) is None
        rows = tx.execute(select(func.count()).select_from(tables.identities))
        assert rows.scalar_one() == 2


def test_a_digest_is_32_bytes_on_each_engine(place: House) -> None:
    """The database itself takes no secret that is not a digest (S4)."""
    session = Session(TokenId(7), place.ada, None, 1, START, START, START)
    with place.office.database.transaction() as tx:
        store_rows.add(tx, session)
    with pytest.raises(IntegrityError), place.office.database.transaction() as tx:
        store_rows.give(tx, session.id, Purpose.COOKIE, b"plain", START)


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2ff::1", "2001:db8:1:200::/56"),
        ("2001:db8:1:201:9::", "2001:db8:1:200::/56"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/56"),
        ("", ""),
        ("unix" * 100, ("unix" * 16)),
    ],
)
def test_a_source_is_a_customer(address: str, source: str) -> None:
    """An IPv6 customer's addresses count as one, an IPv4 address as itself (S42)."""
    assert source_key(address) == source
