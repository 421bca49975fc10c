"""Signing in with e-mail and password, the session that this begins, and how it ends."""

from __future__ import annotations

import logging
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from counterfoil.access.caller import Origin
from counterfoil.directory.dismiss import deactivate_user, reactivate_user
from counterfoil.directory.enroll import end
from counterfoil.kernel.errors import Code, Conflict, Denied, Invalid
from counterfoil.signin import digest_password, password, set_password, store
from counterfoil.signin.password import prove
from counterfoil.signin.session import in_person
from counterfoil.signin.store_identity import account_key, count, count_rows, identities, source_key
from counterfoil.signin.visit import visitor as whoever
from house import StandingClock, session
from signin.visiting import ADA, BEN, PASSWORD, House, Visitor

NOBODY = "nobody@example.com"


def test_passwords_rest_as_argon2id(house: House) -> None:
    """What is kept of a password is argon2id, with a salt of its own for each (S6)."""
    with house.office.database.reading() as tx:
        kept = list(tx.execute(select(identities.c.digest)).scalars())
    assert len(kept) == 2
    assert all(digest.startswith("$argon2id$v=19$m=65536,t=3,p=4$") for digest in kept)
    again = digest_password(PASSWORD, house.office.entropy)
    assert again.split("$")[4] != kept[0].split("$")[4]


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
    with pytest.raises(Exception, match="WRONG_PASSWORD"):
        prove(None, "\ud800")
    assert visitor.go("POST", "/signin", form="email=a%40b&password=%ff").status == 400


def test_nobody_and_wrong_answer_alike(visitor: Visitor) -> None:
    """An unknown e-mail gets the very bytes that a wrong password gets (S7)."""
    assert visitor.sign_in(NOBODY, "x") == visitor.sign_in(ADA, "x")


def test_nobody_costs_a_verification_too(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 runs exactly once for an unknown e-mail, as for a wrong password (S7)."""
    ran: list[str] = []
    real = password._argon2id.verify  # noqa: SLF001 - what it is about
    stand_in = password._stand_in()  # noqa: SLF001 - as above

    class Counting:
        def verify(self, kept: str, presented: bytes) -> bool:
            ran.append(kept)
            return real(kept, presented)

    monkeypatch.setattr(password, "_argon2id", Counting())
    visitor.sign_in(NOBODY, "x")
    visitor.sign_in(ADA, "x")
    assert ran[0] == stand_in
    assert len(ran) == 2
    assert ran[1] != stand_in


@pytest.mark.slow
def test_nobody_takes_as_long_as_wrong(visitor: Visitor, clock: StandingClock) -> None:
    """The time of the answer does not tell whether the person exists (S7)."""
    taken: dict[str, list[float]] = {NOBODY: [], ADA: []}
    for _ in range(15):
        clock.move_on(days=2)
        for email, times in taken.items():
            began = time.perf_counter()
            visitor.sign_in(email, "x")
            times.append(time.perf_counter() - began)
    slow, quick = sorted(statistics.median(times) for times in taken.values())[::-1]
    assert slow < 1.5 * quick


def test_an_email_is_cased_as_one_likes(visitor: Visitor) -> None:
    """The e-mail address is the same however it is cased."""
    assert visitor.sign_in(ADA.upper()).status == 204


def test_a_form_signs_in_too(visitor: Visitor) -> None:
    """A program may send a form instead of JSON, and gets the same 204."""
    seen = visitor.go("POST", "/signin", form={"email": ADA, "password": PASSWORD})
    assert (seen.status, seen.body) == (204, b"")
    assert "code" in visitor.authorize().query


@pytest.mark.parametrize(
    "form",
    [{}, {"email": ADA}, {"password": "x"}, {"email": ADA, "password": "x", "role": "admin"}],
)
def test_a_wrong_form_names_the_field(visitor: Visitor, form: dict[str, str]) -> None:
    """A missing or surplus field is named, and no attempt is counted."""
    seen = visitor.go("POST", "/signin", form=form)
    assert (seen.status, seen.error) == (422, "INVALID_FIELD")
    assert visitor.go("POST", "/signin", json=form).status == 422


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
    assert "code" not in browser.authorize().headers["Location"].partition("?")[0]
    assert browser.authorize().headers["Location"].startswith("/signin")


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


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "cross-site", "origin": "http://127.0.0.1:8400"},
        {"origin": "http://evil.test"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:8401"},
        {"origin": "http://127.0.0.1:8400.evil.test"},
    ],
)
def test_another_site_signs_nobody_in_or_out(visitor: Visitor, headers: dict[str, str]) -> None:
    """What a browser sends for another site's page changes nothing (S45)."""
    visitor.sign_in()
    assert visitor.go("POST", "/signout", **headers).status == 403
    assert "code" in visitor.authorize().query
    assert visitor.sign_in(**headers).status == 403


@pytest.mark.parametrize(
    "headers",
    [{}, {"sec_fetch_site": "same-origin"}, {"origin": "http://127.0.0.1:8400"}],
)
def test_our_own_page_and_programs_may(visitor: Visitor, headers: dict[str, str]) -> None:
    """Our own pages say where they are; programs say nothing (S45)."""
    assert visitor.sign_in(**headers).status == 204
    assert visitor.go("POST", "/signout", **headers).status == 204


def test_the_form_leads_back(visitor: Visitor) -> None:
    """The form keeps where one was going, and the page after it goes there and nowhere else."""
    shown = visitor.go("GET", "/signin", query={"next": '/oauth/authorize?a=1&b="2"'})
    assert shown.headers["Content-Type"].startswith("text/html")
    assert "script" not in shown.headers["Content-Security-Policy"]
    assert b'value="/oauth/authorize?a=1&amp;b=&quot;2&quot;"' in shown.body
    done = visitor.go(
        "POST",
        "/signin",
        form={"email": ADA, "password": PASSWORD, "next": "/oauth/authorize?a=1"},
    )
    assert done.status == 200
    assert b"url=/oauth/authorize?a=1" in done.body
    assert "code" in visitor.authorize().query


@pytest.mark.parametrize(
    "next_",
    [
        "https://evil.test",
        "//evil.test",
        "/\\evil.test",
        "\\/evil.test",
        "javascript:alert(1)",
        "evil",
        "/a\\b",
        "/a b",
        "/é",
        "",
    ],
)
def test_the_form_leads_nowhere_else(visitor: Visitor, next_: str) -> None:
    """An address that is not ours is forgotten (S48)."""
    shown = visitor.go("GET", "/signin", query={"next": next_})
    assert b'name="next" value=""' in shown.body
    form = {"email": ADA, "password": PASSWORD, "next": next_}
    done = visitor.go("POST", "/signin", form=form)
    assert done.status == 200
    assert b"refresh" not in done.body


def test_a_wrong_password_comes_back_to_the_form(visitor: Visitor) -> None:
    """In a browser a wrong password shows the form again, without the password."""
    form = {"email": ADA, "password": "a wrong one", "next": "/x"}
    seen = visitor.go("POST", "/signin", form=form)
    assert seen.status == 401
    assert b'role="alert"' in seen.body
    assert b'value="/x"' in seen.body
    assert b"a wrong one" not in seen.body


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
        assert count_rows(tx) == 1


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


def test_a_new_password_ends_every_session(house: House, visitor: Visitor) -> None:
    """Changing the password kills all sessions, and the old password with them (S44)."""
    tokens = visitor.tokens()
    fresh = digest_password("another good one", house.office.entropy)
    browsing, organization = whoever(house.office, visitor.cookies["counterfoil"])
    with house.office.work(in_person(browsing, organization), Origin("r")) as work:
        set_password(work, house.ada, fresh)
    assert house.live() == set()
    assert visitor.refresh(tokens["refresh_token"]).error == "invalid_grant"
    assert visitor.authorize().headers["Location"].startswith("/signin")
    assert visitor.sign_in().status == 401
    assert visitor.sign_in(ADA, "another good one").status == 204


def test_only_oneself_sets_ones_password(house: House, clock: StandingClock) -> None:
    """An admin sets nobody else's password, and nobody their own on an old proof (S44)."""
    admin = session(house.ada, organization=house.id)
    with pytest.raises(Denied), house.office.work(admin, Origin("r")) as work:
        set_password(work, house.ben, house.digested)
    clock.move_on(minutes=15, seconds=1)
    with pytest.raises(Denied) as refusal, house.office.work(admin, Origin("r")) as work:
        set_password(work, house.ada, house.digested)
    assert refusal.value.code is Code.STEP_UP_REQUIRED


@pytest.mark.parametrize("length", [0, 11, 513])
def test_a_password_has_a_length(house: House, length: int) -> None:
    """A password of fewer than 12 or more than 512 characters is not taken (S6)."""
    with pytest.raises(Invalid):
        digest_password("x" * length, house.office.entropy)


def test_a_password_changed_meanwhile_does_not_open(
    house: House, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was proved against the old password is worth nothing once there is a new one (S44)."""
    fresh = digest_password("another good one", house.office.entropy)

    def prove_late(kept: str | None, presented: str) -> None:
        prove(kept, presented)
        with house.operating() as work:
            set_password(work, house.ada, fresh)

    monkeypatch.setattr("counterfoil.signin.login.prove", prove_late)
    assert visitor.sign_in().status == 401


def test_a_crowd_is_told_to_come_back(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """When too many wait for argon2, the rest are told so instead of waiting for ever (R18)."""
    monkeypatch.setattr(password, "_PATIENCE_S", 0.01)
    turns = password._turns  # noqa: SLF001 - what it is about
    turns.acquire()
    turns.acquire()
    try:
        assert visitor.sign_in().status == 429
        with pytest.raises(Conflict):
            prove(None, "x")
    finally:
        turns.release()
        turns.release()
    assert visitor.sign_in().status == 204


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


def test_the_dead_make_room(house: House, visitor: Visitor, clock: StandingClock) -> None:
    """Each sign-in takes out sessions and codes whose time is up, and tells the gates."""
    visitor.tokens()
    visitor.code()
    clock.move_on(days=31)
    visitor.sign_in()
    with house.office.database.reading() as tx:
        assert store.count_sessions(tx) == 1
    assert house.live() == set()


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


def _signed_in(browser: Visitor) -> dict[str, str]:
    assert browser.sign_in(BEN).status == 204
    return browser.redeem(browser.code()).json
