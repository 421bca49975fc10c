"""The authorization endpoint, and where it is."""

from __future__ import annotations

import pytest

from support.office import StandingClock
from support.signin import ADA, House, Visitor, asking


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


@pytest.mark.parametrize(
    ("address", "host", "issuer"),
    [
        ("https://cms.example.com/", "127.0.0.1:8400", "https://cms.example.com"),
        ("http://localhost:8400", "127.0.0.1:8400", "http://127.0.0.1:8400"),
        ("http://localhost:8400", "[::1]:8400", "http://[::1]:8400"),
        ("http://localhost:8400", "cms.example.com", None),
        ("http://cms.example.com", "cms.example.com", None),
        ("http://cms.example.com", "localhost:8400", None),
    ],
)
def test_the_issuer_is_the_configured_address(
    house: House, address: str, host: str, issuer: str | None
) -> None:
    """The issuer is https, or the name of loopback that was asked; plain http elsewhere is none."""
    house.office.address = address.rstrip("/")
    seen = Visitor(house.office, host=host).go("GET", "/.well-known/oauth-authorization-server")
    assert (seen.json["issuer"] if seen.status == 200 else None) == issuer
