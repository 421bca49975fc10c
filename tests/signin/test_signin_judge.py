"""Somebody else's OAuth client signs in with us, through the real guard and router."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata

from counterfoil.jsonapi.desk import Desk
from counterfoil.jsonapi.guard import Guard
from counterfoil.jsonapi.oauth import OAUTH
from counterfoil.jsonapi.wsgi import router
from counterfoil.kernel.entropy import Entropy
from counterfoil.operation import OPERATIONS
from counterfoil.secret import digest
from counterfoil.signin.doors import browser, discovery, oauth
from counterfoil.tokens.key_pair import create_pair
from counterfoil.tokens.wish import Wish
from support.authlib_session import Session
from support.conformance import Conformance
from support.signin import ADA, CALLBACK, PASSWORD, VERIFIER, House

BASE = "http://127.0.0.1:8400"


ROUTES = (*browser.ROUTES, *oauth.ROUTES, *discovery.ROUTES)


@pytest.fixture
def http(house: House, entropy: Entropy) -> Iterator[httpx2.Client]:
    desk = Desk(house.office, lambda *_: None)
    app = router(ROUTES, desk, OPERATIONS)
    guarded = Conformance(Guard(app, entropy, lambda *_: None, (OAUTH,)), ROUTES, OPERATIONS)
    with httpx2.Client(transport=httpx2.WSGITransport(app=guarded), base_url=BASE) as client:
        yield client


@pytest.fixture
def metadata(http: httpx2.Client) -> AuthorizationServerMetadata:
    seen = http.get("/.well-known/oauth-authorization-server")
    assert seen.headers["cache-control"] == "no-store"
    return AuthorizationServerMetadata(seen.json())


def client(http: httpx2.Client) -> Any:
    return OAuth2Client(
        Session(http),
        client_id="counterfoil-cli",
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
    )


def sign_in(http: httpx2.Client) -> None:
    seen = http.post("/signin", json={"email": ADA, "password": PASSWORD})
    assert (seen.status_code, seen.content) == (204, b"")
    assert "no-store" in seen.headers["cache-control"]


def test_a_program_signs_in_with_its_own_cookie_jar(
    http: httpx2.Client, metadata: AuthorizationServerMetadata, house: House
) -> None:
    """Authlib's client gets, refreshes and revokes a session from the metadata alone (G3, A15)."""
    sign_in(http)
    mine = client(http)
    url, state = mine.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=VERIFIER
    )
    answer = http.get(url)
    assert answer.status_code == 303
    assert answer.headers["cache-control"] == "no-store"
    place = answer.headers["location"]
    assert httpx2.URL(place).params["iss"] == metadata["issuer"]
    token = mine.fetch_token(
        metadata["token_endpoint"],
        authorization_response=place,
        state=state,
        code_verifier=VERIFIER,
    )
    assert house.live() == {digest(token["access_token"])}
    fresh = mine.refresh_token(metadata["token_endpoint"], token["refresh_token"])
    assert house.live() == {digest(fresh["access_token"])}
    seen = mine.revoke_token(metadata["revocation_endpoint"], fresh["refresh_token"])
    assert seen.status_code == 200
    assert house.live() == set()
    with pytest.raises(OAuth2Error, match="invalid_grant"):
        mine.refresh_token(metadata["token_endpoint"], fresh["refresh_token"])


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_a_pair_works_with_somebody_elses_client(
    http: httpx2.Client, metadata: AuthorizationServerMetadata, house: House, method: str
) -> None:
    """Authlib's client gets a token for a pair, in both ways that RFC 6749 knows (A15)."""
    with house.acting(house.ada) as work:
        pair = create_pair(
            work, Wish(name="build", authority="role", subject=house.roles["reader"].id)
        )
    program = OAuth2Client(
        Session(http),
        client_id=str(pair.token.id),
        client_secret=pair.secret.reveal(),
        token_endpoint_auth_method=method,
    )
    token = program.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
    assert digest(token["access_token"]) in house.live()
    assert "refresh_token" not in token


def test_the_metadata_pass_an_independent_reader(metadata: AuthorizationServerMetadata) -> None:
    """Authlib's reader of RFC 8414 finds nothing wrong but plain http, which is loopback's."""
    https = {
        name: value.replace("http://", "https://") if isinstance(value, str) else value
        for name, value in metadata.items()
    }
    AuthorizationServerMetadata(https).validate()


def test_failures_keep_their_shape_over_http(http: httpx2.Client) -> None:
    """A refused grant is 400 JSON that nobody stores; a throttle says when to come back (S43)."""
    seen = http.post("/oauth/token", data={"grant_type": "nonsense"})
    assert (seen.status_code, seen.json()["error"]) == (400, "unsupported_grant_type")
    assert seen.headers["cache-control"] == "no-store"
    assert seen.headers["pragma"] == "no-cache"
    for _ in range(10):
        wrong = http.post("/signin", json={"email": ADA, "password": "x"})
        assert (wrong.status_code, wrong.json()["errors"][0]["code"]) == (401, "WRONG_PASSWORD")
    late = http.post("/signin", json={"email": ADA, "password": "x"})
    assert (late.status_code, late.headers["retry-after"]) == (429, "1")
