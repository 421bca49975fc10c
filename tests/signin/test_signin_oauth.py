"""The token endpoint: codes, refresh tokens, and what becomes of those used twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from counterfoil.kernel.clock import micros
from counterfoil.secret import Kind, digest, kind_of
from support.office import START, StandingClock
from support.signin import CALLBACK, House, Visitor


def test_a_sign_in_ends_in_an_oauth_session(house: House, visitor: Visitor) -> None:
    """Signing in, authorizing and redeeming yields a bearer of ten minutes and a refresh (G3)."""
    assert visitor.sign_in().status == 204
    authorized = visitor.authorize()
    assert authorized.status == 303
    assert authorized.headers["Location"].startswith(f"{CALLBACK}?")
    assert authorized.query["state"] == "s1"
    assert authorized.query["iss"] == "http://127.0.0.1:8400"
    got = visitor.redeem(authorized.query["code"])
    assert got.status == 200
    assert got.json.keys() == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert (got.json["token_type"], got.json["expires_in"]) == ("Bearer", 600)
    assert kind_of(got.json["access_token"]) is Kind.SESSION
    assert kind_of(got.json["refresh_token"]) is Kind.REFRESH
    assert house.live() == {digest(got.json["access_token"])}


def test_the_gates_learn_who_signed_in_and_when(house: House, visitor: Visitor) -> None:
    """A session speaks for its person wherever they belong, and tells when they proved it (G3)."""
    tokens = visitor.tokens()
    browser, recorded = told = house.recorded()
    assert {one.authenticated_at for one in told} == {micros(START)}
    assert browser.name != recorded.name
    assert (recorded.letter, recorded.authority, recorded.subject) == ("o", "user", house.ada)
    assert (recorded.organization, recorded.grants) == (None, ())
    assert recorded.authenticated_at == micros(START)
    assert recorded.expires_at == micros(START) + 600_000_000
    assert recorded.secrets[0].digest == digest(tokens["access_token"])
    assert 0 < recorded.position < house.head()


@pytest.mark.parametrize(
    "verifier", ["w" * 43, "v" * 42, "v" * 129, "v" * 42 + "é", "v" * 42 + " "]
)
def test_a_wrong_verifier_burns_the_code(house: House, visitor: Visitor, verifier: str) -> None:
    """Whoever holds a code without its verifier gets nothing, and nor does anybody after (S48)."""
    visitor.sign_in()
    code = visitor.code()
    seen = visitor.redeem(code, code_verifier=verifier)
    assert (seen.status, seen.error) == (400, "invalid_grant")
    assert visitor.redeem(code).error == "invalid_grant"
    assert house.live() == set()
    assert house.trail()[-2:] == [
        ("oauth.redeem", "INVALID_REQUEST"),
        ("oauth.distrust", "allowed"),
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "http://127.0.0.1:49153/callback"},
        {"code": "x" * 43},
        {"code": "x"},
        {"code": "é"},
    ],
)
def test_a_code_is_good_for_what_it_was_given_for(
    visitor: Visitor, changed: dict[str, str]
) -> None:
    """A code for another address, and one that is none, are the same to the outside (S48)."""
    visitor.sign_in()
    code = visitor.code()
    seen = visitor.redeem(**{"code": code, **changed})
    assert (seen.status, seen.error) == (400, "invalid_grant")


def test_a_code_dies_after_a_minute(visitor: Visitor, clock: StandingClock) -> None:
    """A code is good for sixty seconds, and not at the sixtieth (S48)."""
    visitor.sign_in()
    first, second = visitor.code(), visitor.code()
    clock.move_on(seconds=59.999)
    assert visitor.redeem(first).status == 200
    clock.move_on(seconds=0.001)
    assert visitor.redeem(second).error == "invalid_grant"


def test_a_code_used_twice_ends_what_it_began(house: House, visitor: Visitor) -> None:
    """A replayed code gets nothing and takes the first one's session along (S48)."""
    visitor.sign_in()
    code = visitor.code()
    tokens = visitor.redeem(code).json
    assert house.live() == {digest(tokens["access_token"])}
    assert visitor.redeem(code).error == "invalid_grant"
    assert house.live() == set()
    assert visitor.refresh(tokens["refresh_token"]).error == "invalid_grant"


def test_of_many_at_once_one_redeems_a_code(visitor: Visitor) -> None:
    """Eight redemptions of one code at the same time are one success (S48)."""
    visitor.sign_in()
    code = visitor.code()
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: visitor.redeem(code).status, range(8)))
    assert sorted(seen) == [200] + 7 * [400]


def test_a_refresh_rotates(house: House, visitor: Visitor, clock: StandingClock) -> None:
    """Each refresh brings two new secrets and strikes the old ones; the session stays (S44)."""
    tokens = visitor.tokens()
    clock.move_on(minutes=11)
    fresh = visitor.refresh(tokens["refresh_token"]).json
    assert fresh["access_token"] != tokens["access_token"]
    assert fresh["refresh_token"] != tokens["refresh_token"]
    assert house.live() == {digest(fresh["access_token"])}
    _, *told = house.recorded()
    assert len({event.token for event in told}) == 1
    assert len({event.position for event in told}) == 1
    assert {event.authenticated_at for event in told} == {micros(START)}


def test_a_refresh_token_used_twice_ends_the_session(house: House, visitor: Visitor) -> None:
    """Reuse of a rotated refresh token kills the whole family, the newest secrets too (S48)."""
    tokens = visitor.tokens()
    fresh = visitor.refresh(tokens["refresh_token"]).json
    assert visitor.refresh(tokens["refresh_token"]).error == "invalid_grant"
    assert house.live() == set()
    assert visitor.refresh(fresh["refresh_token"]).error == "invalid_grant"
    assert house.trail()[-2:] == [
        ("oauth.refresh", "INVALID_REQUEST"),
        ("oauth.distrust", "allowed"),
    ]


def test_of_many_at_once_one_refreshes(visitor: Visitor) -> None:
    """Eight uses of one refresh token at the same time are one success (S48)."""
    refresh = visitor.tokens()["refresh_token"]
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: visitor.refresh(refresh).status, range(8)))
    assert sorted(seen) == [200] + 7 * [400]


def test_a_session_is_over_after_thirty_days(visitor: Visitor, clock: StandingClock) -> None:
    """Refreshing does not lengthen a session: thirty days after sign-in it is over (S44)."""
    refresh = visitor.tokens()["refresh_token"]
    for days in (13, 13):
        clock.move_on(days=days)
        refresh = visitor.refresh(refresh).json["refresh_token"]
    clock.move_on(days=3, hours=23, minutes=55)
    last = visitor.refresh(refresh)
    assert last.status == 200
    clock.move_on(minutes=5)
    assert visitor.refresh(last.json["refresh_token"]).error == "invalid_grant"


def test_a_session_that_stands_idle_is_over(visitor: Visitor, clock: StandingClock) -> None:
    """Two weeks without a refresh end a session; each refresh begins them anew (S44)."""
    refresh = visitor.tokens()["refresh_token"]
    clock.move_on(days=13, hours=23, minutes=59)
    refresh = visitor.refresh(refresh).json["refresh_token"]
    clock.move_on(days=14)
    assert visitor.refresh(refresh).error == "invalid_grant"


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, 400, "invalid_request"),
        ({"grant_type": "refresh_token", "client_id": "x"}, 401, "invalid_client"),
        ({"grant_type": "refresh_token", "client_id": "counterfoil-cli"}, 400, "invalid_request"),
        (
            {"grant_type": "refresh_token", "client_id": "counterfoil-cli", "client_secret": "x"},
            401,
            "invalid_client",
        ),
        (
            {
                "grant_type": "refresh_token",
                "client_id": "counterfoil-cli",
                "refresh_token": "cfp_" + "a" * 49,
            },
            400,
            "invalid_grant",
        ),
    ],
)
def test_the_token_endpoint_says_what_is_wrong(
    visitor: Visitor, form: dict[str, str], status: int, error: str
) -> None:
    """Each wrong request has the error that RFC 6749 §5.2 names for it."""
    seen = visitor.token(**form)
    assert (seen.status, seen.error) == (status, error)
