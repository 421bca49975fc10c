"""The browser session: its cookie, its length, its end."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from counterfoil.signin.store.tables import sessions
from support.office import StandingClock
from support.signin import ADA, BEN, House, Visitor


def test_over_https_the_cookie_is_bound_to_the_host(house: House) -> None:
    """Under https the cookie is __Host-, Secure, HttpOnly and Lax (S44)."""
    house.office.address = "https://cms.example.com"
    browser = Visitor(house.office, host="anything")
    given = browser.sign_in().headers["Set-Cookie"]
    name, _, flags = given.partition("=")
    assert name == "__Host-counterfoil"
    assert flags.split("; ")[1:] == ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"]
    assert browser.authorize().query["iss"] == "https://cms.example.com"
    browser.cookies = {"counterfoil": browser.cookies["__Host-counterfoil"]}
    refused = browser.authorize()
    assert refused.headers["Location"].startswith("/signin?")
    assert "code" not in refused.query


def test_on_loopback_a_program_can_send_the_cookie_back(visitor: Visitor) -> None:
    """Over plain http the cookie is not Secure, so that a program's jar returns it (S44)."""
    given = visitor.sign_in().headers["Set-Cookie"]
    assert given.startswith("counterfoil=")
    assert given.endswith("; Path=/; HttpOnly; SameSite=Lax")


def test_the_cookie_rests_as_a_digest(house: House, visitor: Visitor) -> None:
    """Neither cookie nor code nor token stands in the database (S9, S44)."""
    tokens = visitor.tokens()
    secrets = [visitor.cookies["counterfoil"], visitor.code(), *map(str, tokens.values())]
    path = Path(str(house.office.database.url.database))
    kept = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    assert ADA.encode() in kept
    for secret in secrets:
        if len(secret) > 20:
            assert secret.encode() not in kept


def test_each_sign_in_is_a_new_session(house: House, visitor: Visitor) -> None:
    """Signing in again rotates the cookie: the one before is dead (S44)."""
    visitor.sign_in()
    before = dict(visitor.cookies)
    visitor.sign_in()
    assert visitor.cookies != before
    old = Visitor(house.office, cookies=before)
    assert old.authorize().headers["Location"].startswith("/signin")
    assert "code" in visitor.authorize().query


def test_an_idle_session_is_over(visitor: Visitor, clock: StandingClock) -> None:
    """Thirty minutes without use end a browser session; each use begins them anew (S44)."""
    visitor.sign_in()
    for _ in range(3):
        clock.move_on(minutes=29)
        assert "code" in visitor.authorize().query
    clock.move_on(minutes=30)
    assert visitor.authorize().headers["Location"].startswith("/signin")


def test_no_session_outlives_half_a_day(visitor: Visitor, clock: StandingClock) -> None:
    """Twelve hours after signing in a session is over, however busy (S44)."""
    visitor.sign_in()
    for _ in range(24):
        clock.move_on(minutes=29)
        assert "code" in visitor.authorize().query
    clock.move_on(minutes=24)
    assert visitor.authorize().headers["Location"].startswith("/signin")


def test_signing_out_ends_everything(house: House, visitor: Visitor) -> None:
    """Signing out kills the cookie, open codes, and the OAuth sessions at every client (S44)."""
    tokens = visitor.tokens()
    elsewhere = Visitor(house.office)
    elsewhere.sign_in()
    code, cookie = visitor.code(), dict(visitor.cookies)
    seen = visitor.go("POST", "/signout")
    assert seen.status == 204
    assert "Max-Age=0" in seen.headers["Set-Cookie"]
    assert house.live() == set()
    assert visitor.refresh(tokens["refresh_token"]).error == "invalid_grant"
    assert visitor.redeem(code).error == "invalid_grant"
    for browser in (Visitor(house.office, cookies=cookie), elsewhere):
        assert browser.authorize().headers["Location"].startswith("/signin")
    assert visitor.go("POST", "/signout").status == 204


def test_signing_out_ends_nobody_else(house: House, visitor: Visitor) -> None:
    """One person's sign-out leaves another's sessions alone."""
    ben = Visitor(house.office)
    ben.sign_in(BEN)
    visitor.sign_in()
    visitor.go("POST", "/signout")
    assert "code" in ben.authorize().query


def test_the_dead_make_room(house: House, visitor: Visitor, clock: StandingClock) -> None:
    """Each sign-in takes out sessions and codes whose time is up, and tells the gates."""
    visitor.tokens()
    visitor.code()
    clock.move_on(days=31)
    visitor.sign_in()
    with house.office.database.reading() as tx:
        assert len(tx.execute(select(sessions)).all()) == 1
    assert house.live() == set()
