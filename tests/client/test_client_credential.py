"""Credentials: tokens, pairs and sessions, each asked for a bearer when a request goes out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import pytest

from counterfoil.client import (
    Bearer,
    CredentialUnusable,
    Pair,
    Refused,
    Session,
    SessionTokens,
    Unexpected,
)
from support.clients import Dial
from support.fake_server import Heard, Says, StandIn
from support.office import START, StandingClock

FIRST, SECOND = "cfo_" + "1" * 49, "cfo_" + "2" * 49
REFRESH, FRESH = "cfr_" + "1" * 49, "cfr_" + "2" * 49
NOW = START.timestamp()


@dataclass
class Drawer:
    """A place where a session is stored, open to one at a time."""

    stored: SessionTokens
    put_in: list[SessionTokens] = field(default_factory=list)
    is_open: bool = False

    @contextmanager
    def open(self) -> Iterator[Drawer]:
        assert not self.is_open
        self.is_open = True
        try:
            yield self
        finally:
            self.is_open = False

    def tokens(self) -> SessionTokens:
        return self.stored

    def put(self, fresh: SessionTokens, /) -> None:
        assert self.is_open
        self.put_in.append(fresh)


@pytest.mark.parametrize("text", ["", "a b", "a\nb", "a\r\nx: y", "tök", "\x00", "…", " cfp_"])
def test_what_no_header_can_carry_is_not_sent(text: str) -> None:
    """A credential with spaces, line ends or other alphabets is refused before it is sent (S16)."""
    with pytest.raises(CredentialUnusable) as refused:
        Bearer(text)
    assert not text.strip() or text not in str(refused.value)


def test_a_pair_gets_one_token_and_keeps_it(
    dial: Dial, server: StandIn, clock: StandingClock
) -> None:
    """Id and secret are exchanged once, and again half a minute before the token ends (A15)."""
    exchanges: list[dict[str, list[str]]] = []

    def says(heard: Heard) -> Says:
        if heard.target == "/oauth/token":
            exchanges.append(parse_qs(heard.body.decode()))
            assert "authorization" not in heard.headers
            return Says(200, {"access_token": f"cfx_{len(exchanges)}", "expires_in": 600})
        return Says(200, {"data": heard.headers["authorization"]})

    server.says = says
    wire = dial.wire(server.url, Pair("1000000000000001", "cfk_x", clock))
    assert wire.ask("GET", "/cma/token").data == "Bearer cfx_1"
    clock.move_on(seconds=569)
    assert wire.ask("GET", "/cma/token").data == "Bearer cfx_1"
    clock.move_on(seconds=2)
    assert wire.ask("GET", "/cma/token").data == "Bearer cfx_2"
    assert exchanges[0] == {
        "grant_type": ["client_credentials"],
        "client_id": ["1000000000000001"],
        "client_secret": ["cfk_x"],
    }


@pytest.mark.parametrize("code", ["invalid_client", "invalid_grant"])
def test_a_refused_pair_is_a_refusal(dial: Dial, server: StandIn, code: str) -> None:
    """A pair that is not in force is refused like a token, whatever status OAuth gives it (A15)."""
    server.script(Says(400, {"error": code}))
    with pytest.raises(Refused):
        dial.client(server.url, Pair("id", "secret")).whoami()


def test_a_token_endpoint_that_answers_nonsense(dial: Dial, server: StandIn) -> None:
    """An answer without a token is an error that says so (A15)."""
    server.script(Says(200, {"token_type": "Bearer"}))
    with pytest.raises(Unexpected, match="access_token"):
        dial.client(server.url, Pair("id", "secret")).whoami()


def refreshing(heard: Heard) -> Says:
    """Answer as a server whose first access token is over."""
    if heard.target == "/oauth/token":
        given = parse_qs(heard.body.decode())
        assert given["grant_type"] == ["refresh_token"]
        assert given["client_id"] == ["counterfoil-cli"]
        if given["refresh_token"] != [REFRESH]:
            return Says(400, {"error": "invalid_grant"})
        return Says(200, {"access_token": SECOND, "refresh_token": FRESH, "expires_in": 600})
    if heard.headers["authorization"] != f"Bearer {SECOND}":
        return Says(401, {"errors": [{"code": "TOKEN_EXPIRED"}]})
    return Says(200, {"data": "in"})


@pytest.mark.parametrize("good_for", [-1, 29, 300])
def test_a_session_is_refreshed_without_a_word(
    dial: Dial, server: StandIn, clock: StandingClock, good_for: int
) -> None:
    """An access token that is over, or refused, is renewed and the call goes through (G3)."""
    server.says = refreshing
    drawer = Drawer(SessionTokens(FIRST, REFRESH, NOW))
    session = Session(SessionTokens(FIRST, REFRESH, NOW + good_for), drawer.open, clock)
    assert dial.wire(server.url, session).ask("GET", "/cma/token").data == "in"
    assert drawer.put_in == [SessionTokens(SECOND, FRESH, NOW + 600)]
    assert not drawer.is_open


def test_what_another_process_refreshed_is_used(
    dial: Dial, server: StandIn, clock: StandingClock
) -> None:
    """A stored session that is newer than ours is taken and not refreshed again (G3)."""
    server.says = refreshing
    drawer = Drawer(SessionTokens(SECOND, FRESH, NOW + 600))
    session = Session(SessionTokens(FIRST, REFRESH, NOW), drawer.open, clock)
    assert dial.wire(server.url, session).ask("GET", "/cma/token").data == "in"
    assert [heard.target for heard in server.heard] == ["/cma/token"]


def test_a_session_that_is_over(dial: Dial, server: StandIn, clock: StandingClock) -> None:
    """A session whose refresh token is dead ends in the server's refusal, without a loop (G3)."""
    server.says = refreshing
    session = Session(SessionTokens(FIRST, FRESH, NOW + 300), clock=clock)
    with pytest.raises(Refused) as refused:
        dial.wire(server.url, session).ask("GET", "/cma/token")
    assert refused.value.code == "TOKEN_EXPIRED"
    assert [heard.target for heard in server.heard] == ["/cma/token", "/oauth/token"]


def test_a_refused_token_is_refused_once(dial: Dial, server: StandIn) -> None:
    """A plain token that is refused is not tried again (A19)."""
    server.script(Says(401, {"errors": [{"code": "INVALID_TOKEN"}]}))
    with pytest.raises(Refused):
        dial.client(server.url, Bearer(FIRST)).whoami()
    assert len(server.heard) == 1
