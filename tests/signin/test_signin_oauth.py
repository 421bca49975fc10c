"""The authorization server: code with PKCE, refresh, revocation, metadata."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from counterfoil.feed.event import TokenRecorded
from counterfoil.kernel.clock import micros
from counterfoil.secret import Kind, digest, kind_of
from house import START, StandingClock
from signin.visiting import ADA, CALLBACK, House, Visitor, asking


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
    told = [event for event in house.events() if isinstance(event, TokenRecorded)]
    assert len(told) == 1
    (recorded,) = told
    assert (recorded.letter, recorded.authority, recorded.subject) == ("o", "user", house.ada)
    assert (recorded.organization, recorded.grants) == (None, ())
    assert recorded.authenticated_at == micros(START)
    assert recorded.expires_at == micros(START) + 600_000_000
    assert recorded.secrets[0].digest == digest(tokens["access_token"])
    assert 0 < recorded.position < house.head()


def test_nobody_gets_a_code_without_signing_in(visitor: Visitor) -> None:
    """Who is not signed in is sent to the form, and from there back to the same question (G3)."""
    seen = visitor.authorize()
    assert seen.status == 303
    assert seen.headers["Location"].startswith("/signin?next=%2Foauth%2Fauthorize%3F")
    path, _, query = seen.query["next"].partition("?")
    assert visitor.sign_in().status == 204
    again = visitor.go("GET", path, query=query)
    assert visitor.redeem(again.query["code"]).status == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "somebody"},
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": "http://127.0.0.1/callback"},
        {"redirect_uri": "http://127.0.0.1:0/callback"},
        {"redirect_uri": "http://127.0.0.1:65536/callback"},
        {"redirect_uri": "http://127.0.0.1:8000/callback/"},
        {"redirect_uri": "http://127.0.0.1:8000/callback?x=1"},
        {"redirect_uri": "http://127.0.0.1:8000/callback#x"},
        {"redirect_uri": "https://127.0.0.1:8000/callback"},
        {"redirect_uri": "http://127.0.0.1:8000@evil.test/callback"},
        {"redirect_uri": "http://127.0.0.1.evil.test:8000/callback"},
        {"redirect_uri": "http://localhost:8000/callback"},
        {"redirect_uri": "//127.0.0.1:8000/callback"},
        {"redirect_uri": "http://127.0.0.1:8000/other"},
    ],
)
def test_an_unknown_place_is_never_sent_to(
    visitor: Visitor, changed: dict[str, str | None]
) -> None:
    """A wrong client or redirect address is refused on the spot, with no redirect (S48)."""
    visitor.sign_in()
    seen = visitor.authorize(**changed)
    assert seen.status == 400
    assert "Location" not in seen.headers


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_any_loopback_port_is_answered(visitor: Visitor, host: str) -> None:
    """A program on the person's machine listens at whatever port is free (RFC 8252)."""
    visitor.sign_in()
    seen = visitor.authorize(redirect_uri=f"http://{host}:1/callback")
    assert seen.headers["Location"].startswith(f"http://{host}:1/callback?code=")


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"scope": "openid"}, "invalid_scope"),
        ({"max_age": "soon"}, "invalid_request"),
    ],
)
def test_pkce_is_no_choice(visitor: Visitor, changed: dict[str, str | None], error: str) -> None:
    """Without an S256 challenge there is no code, and the client hears why, from us (S48)."""
    visitor.sign_in()
    seen = visitor.authorize(**changed)
    assert seen.status == 303
    assert seen.query["error"] == error
    assert (seen.query["state"], seen.query["iss"]) == ("s1", "http://127.0.0.1:8400")
    assert "code" not in seen.query


def test_a_parameter_given_twice_is_refused(visitor: Visitor) -> None:
    """Two values of one parameter never reach two readers who take different ones (S48)."""
    visitor.sign_in()
    good = "&".join(f"{name}={value}" for name, value in asking().items())
    assert visitor.go("GET", "/oauth/authorize", query=f"{good}&client_id=x").status == 400
    twice = visitor.go("GET", "/oauth/authorize", query=f"{good}&state=x")
    assert twice.query["error"] == "invalid_request"
    form = "grant_type=authorization_code&client_id=counterfoil-cli&code=a&code=b&code_verifier=c"
    seen = visitor.go("POST", "/oauth/token", form=form)
    assert (seen.status, seen.error) == (400, "invalid_request")


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke"])
def test_secrets_do_not_travel_in_addresses(visitor: Visitor, path: str) -> None:
    """The token endpoint and the revocation endpoint take nothing from the query (S9, S11)."""
    seen = visitor.go("POST", path, query={"token": "x"}, form={"token": "x"})
    assert (seen.status, seen.error) == (400, "invalid_request")


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
    told = [event for event in house.events() if isinstance(event, TokenRecorded)]
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
    clock.move_on(days=29, hours=23, minutes=55)
    last = visitor.refresh(refresh)
    assert last.status == 200
    clock.move_on(minutes=5)
    assert visitor.refresh(last.json["refresh_token"]).error == "invalid_grant"


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_session_is_revoked_by_either_secret(house: House, visitor: Visitor, kind: str) -> None:
    """Showing any secret of a session ends it; showing it again answers the same (S14)."""
    tokens = visitor.tokens()
    seen = visitor.go("POST", "/oauth/revoke", form={"token": tokens[kind]})
    assert (seen.status, seen.body) == (200, b"")
    assert house.live() == set()
    assert visitor.refresh(tokens["refresh_token"]).error == "invalid_grant"
    again = visitor.go("POST", "/oauth/revoke", form={"token": tokens[kind]})
    assert (again.status, again.body) == (200, b"")


@pytest.mark.parametrize("token", ["cfo_x", "é", "cfp_" + "a" * 49, "cfo_" + "a" * 49, "x" * 5000])
def test_what_is_unknown_counts_as_revoked(visitor: Visitor, token: str) -> None:
    """An unknown token is dead already, and so the answer is 200 (S14, RFC 7009)."""
    seen = visitor.go("POST", "/oauth/revoke", form={"token": token, "token_type_hint": "nonsense"})
    assert seen.status == 200


def test_revoking_one_session_leaves_the_others(house: House, visitor: Visitor) -> None:
    """Ending one client's session ends no other client's."""
    first = visitor.tokens()
    second = visitor.redeem(visitor.code()).json
    visitor.go("POST", "/oauth/revoke", form={"token": first["refresh_token"]})
    assert house.live() == {digest(second["access_token"])}
    assert visitor.refresh(second["refresh_token"]).status == 200


def test_what_could_not_be_written_is_not_called_revoked(house: House, visitor: Visitor) -> None:
    """A revocation that the database did not take answers 503, and the token lives (S14)."""
    tokens = visitor.tokens()
    broken = OperationalError("COMMIT", {}, Exception("disk I/O error"))

    def fail(_connection: object) -> None:
        raise broken

    engine = house.office.database.engine
    event.listen(engine, "commit", fail)
    try:
        seen = visitor.go("POST", "/oauth/revoke", form={"token": tokens["access_token"]})
    finally:
        event.remove(engine, "commit", fail)
    assert (seen.status, seen.error) == (503, "temporarily_unavailable")
    assert house.live() == {digest(tokens["access_token"])}
    assert visitor.refresh(tokens["refresh_token"]).status == 200


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


def test_the_metadata_names_this_server(visitor: Visitor) -> None:
    """The metadata of RFC 8414 stand under the address at which the server is asked."""
    seen = visitor.go("GET", "/.well-known/oauth-authorization-server").json
    assert seen["issuer"] == "http://127.0.0.1:8400"
    assert seen["token_endpoint"] == "http://127.0.0.1:8400/oauth/token"
    assert seen["code_challenge_methods_supported"] == ["S256"]
    assert seen["authorization_response_iss_parameter_supported"] is True


@pytest.mark.parametrize("host", ["evil.test", "127.0.0.1.evil.test", "localhost@evil.test", ""])
def test_no_stranger_names_our_issuer(house: House, host: str) -> None:
    """Without a configured address only a name of loopback makes an issuer (S48)."""
    stranger = Visitor(house.office, host=host)
    assert stranger.go("GET", "/.well-known/oauth-authorization-server").status == 400
    assert stranger.sign_in(ADA).status == 400


def test_a_stale_proof_is_asked_for_again(visitor: Visitor, clock: StandingClock) -> None:
    """A client that asks for a fresh proof by max_age gets no code for an old one (S44)."""
    visitor.sign_in()
    assert "code" in visitor.authorize(max_age="900").query
    clock.move_on(minutes=15, seconds=1)
    assert visitor.authorize(max_age="900").headers["Location"].startswith("/signin?")
    assert "code" in visitor.authorize().query
    visitor.sign_in()
    assert "code" in visitor.authorize(max_age="900").query


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_gets_no_silent_code(visitor: Visitor, site: str) -> None:
    """Led here by another site, a signed-in person is asked to sign in anew (S45)."""
    visitor.sign_in()
    seen = visitor.go("GET", "/oauth/authorize", query=asking(), sec_fetch_site=site)
    assert seen.headers["Location"].startswith("/signin?")
    alone = visitor.go("GET", "/oauth/authorize", query=asking(), sec_fetch_site="none")
    assert "code" in alone.query
