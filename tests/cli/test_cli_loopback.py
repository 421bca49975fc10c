"""Signing in by a browser: what is asked, and which answers count."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest

from cli.conftest import Type
from counterfoil.access.caller import STEP_UP
from counterfoil.cli.auth.loopback import challenge
from counterfoil.cli.exits import Exit
from counterfoil.cli.profile import Profile, ProfileFile
from counterfoil.cli.talking import Options, open_client
from counterfoil.client import SessionTokens
from support.fake_server import Heard, Says, StandIn

ACCESS, REFRESH = "cfo_" + "a" * 49, "cfr_" + "r" * 49
Answering = Callable[[dict[str, str]], list[tuple[str, int]]]


@pytest.fixture(autouse=True)
def _signs_in(server: StandIn) -> None:
    server.signs_in = True


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answering], list[Any]]:
    """Return what puts a browser of ours in place: it visits what `answering` says, in turn."""
    seen: list[Any] = []

    def put(answering: Answering) -> list[Any]:
        def opened(address: str) -> bool:
            asked = {key: value[0] for key, value in parse_qs(urlsplit(address).query).items()}
            asked["server"] = address.partition("/oauth/")[0]
            seen.append(asked)
            for visited, expected in answering(asked):
                answer = httpx2.get(visited, trust_env=False)
                seen.append((answer.status_code, expected))
            return True

        monkeypatch.setattr("webbrowser.open", opened)
        return seen

    return put


def back(asked: dict[str, str], **changed: str) -> str:
    """Return the address to which the server would send the browser."""
    answer = {"code": "the-code", "state": asked["state"], "iss": asked["server"], **changed}
    return f"{asked['redirect_uri']}?{urlencode(answer)}"


def test_a_code_becomes_a_stored_session(
    typed: Type, server: StandIn, browser: Callable[[Answering], list[Any]]
) -> None:
    """Signing in asks with PKCE, redeems the code, and stores the session (G3)."""
    forms: list[dict[str, list[str]]] = []

    def says(heard: Heard) -> Says:
        forms.append(parse_qs(heard.body.decode()))
        return Says(200, {"access_token": ACCESS, "refresh_token": REFRESH, "expires_in": 600})

    server.says = says
    seen = browser(lambda asked: [(back(asked), 200)])
    ran = typed("auth", "login", "--url", server.url)
    assert ran.code == 0, ran.err
    asked = seen[0]
    assert asked["client_id"] == "counterfoil-cli"
    assert asked["code_challenge_method"] == "S256"
    assert int(asked["max_age"]) < STEP_UP.total_seconds()
    assert asked["redirect_uri"].startswith("http://127.0.0.1:")
    form = {key: value[0] for key, value in forms[0].items()}
    assert challenge(form["code_verifier"]) == asked["code_challenge"]
    assert form["code"] == "the-code"
    assert form["redirect_uri"] == asked["redirect_uri"]
    session = ProfileFile(None).read().session
    assert session is not None
    assert (session.access, session.refresh) == (ACCESS, REFRESH)
    assert ACCESS not in ran.out + ran.err


def test_only_the_answer_to_our_question_counts(
    typed: Type, server: StandIn, browser: Callable[[Answering], list[Any]]
) -> None:
    """A callback without our state, or at another path, is a 404 and ends nothing (S45)."""
    server.script(Says(200, {"access_token": ACCESS, "refresh_token": REFRESH, "expires_in": 600}))
    seen = browser(
        lambda asked: [
            (back(asked, state="forged", code="evil"), 404),
            (asked["redirect_uri"], 404),
            (asked["redirect_uri"].replace("/callback", "/other") + "?state=x", 404),
            (back(asked), 200),
        ]
    )
    assert typed("auth", "login", "--url", server.url).code == 0
    assert all(status == expected for status, expected in seen[1:])
    redeemed = next(heard for heard in server.heard if heard.target == "/oauth/token")
    assert b"the-code" in redeemed.body


@pytest.mark.parametrize("issuer", ["https://honest.example", ""])
def test_an_answer_from_another_server(
    typed: Type, server: StandIn, browser: Callable[[Answering], list[Any]], issuer: str
) -> None:
    """A server that hands the browser on to another one gets neither code nor verifier (S48)."""
    browser(lambda asked: [(back(asked, iss=issuer), 200)])
    ran = typed("auth", "login", "--url", server.url)
    assert ran.code == Exit.UNAUTHENTICATED
    assert server.heard == []
    assert ProfileFile(None).read().session is None


def test_a_refusal_is_told(
    typed: Type, server: StandIn, home: object, browser: Callable[[Answering], list[Any]]
) -> None:
    """If the server refuses, the command says why, exits 4, and stores nothing (G3)."""
    del home
    browser(lambda asked: [(back(asked, error="access_denied", error_description="no\x1b"), 200)])
    ran = typed("auth", "login", "--url", server.url)
    assert ran.code == Exit.UNAUTHENTICATED
    assert "no\\x1b" in ran.err
    assert server.heard == []
    assert ProfileFile(None).read().session is None


def test_a_code_that_is_not_good_is_told(
    typed: Type, server: StandIn, browser: Callable[[Answering], list[Any]]
) -> None:
    """If the token endpoint refuses the code nothing is stored (G3)."""
    server.script(Says(400, {"error": "invalid_grant", "error_description": "late"}))
    browser(lambda asked: [(back(asked), 200)])
    assert typed("auth", "login", "--url", server.url).code == Exit.UNAUTHENTICATED
    assert ProfileFile(None).read().session is None


def test_a_stored_session_is_refreshed_once_by_many(typed: Type, server: StandIn) -> None:
    """Processes that find the session over refresh it one after the other, and only once (G3)."""
    refreshed = "cfr_" + "n" * 49
    spent: list[str] = []

    def says(heard: Heard) -> Says:
        if heard.target == "/oauth/token":
            spent.append(parse_qs(heard.body.decode())["refresh_token"][0])
            return Says(
                200, {"access_token": ACCESS, "refresh_token": refreshed, "expires_in": 600}
            )
        resource = {"type": "token", "id": "1", "attributes": {"name": "me", "scopes": []}}
        return Says(200, {"data": resource})

    server.says = says
    file = ProfileFile(None)
    file.write(Profile(server.url).with_session(SessionTokens("cfo_old", REFRESH, 0)))

    def ask() -> None:
        with open_client(Options()) as client:
            assert client.whoami().name == "me"

    clients = [threading.Thread(target=ask) for _ in range(4)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    assert spent == [REFRESH]
    session = file.read().session
    assert session is not None
    assert session.refresh == refreshed
    assert "me" in typed("auth", "status").out


def test_waiting_for_a_decision(
    typed: Type, server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`pat wait` asks again until it is decided, and exits 0 for yes and 8 for no (A7, A10a)."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)

    def request(state: str) -> Says:
        attributes = {"state": state, "reason": "too wide" if state == "denied" else None}
        resource = {"type": "token_request", "id": "1234567890123456", "attributes": attributes}
        return Says(200, {"data": resource})

    options = ("--url", server.url, "--pat-token", "x")
    server.script(request("open"), request("open"), request("approved"))
    assert typed("pat", "wait", "req_1234567890123456", *options).code == 0
    assert len(server.heard) == 3
    for state in ("denied", "lapsed", "cancelled"):
        server.script(request(state))
        ran = typed("pat", "wait", "req_1234567890123456", *options)
        assert ran.code == Exit.UNAPPROVED
        assert state in ran.err


@pytest.mark.parametrize(
    ("able", "missing", "told"),
    [
        (None, 1, "… waiting for approval (req_1234567890123456)\n"),
        ([], 1, "! nobody can approve it at the moment (req_1234567890123456); waiting\n"),
        (["Ann"], 1, "… waiting for approval by Ann (req_1234567890123456)\n"),
        (["Ann", "Bob"], 1, "waiting for approval by Ann or Bob (req_1234567890123456)\n"),
        (["Ann", "Bob"], 2, "Ann or Bob (req_1234567890123456); two people must approve it\n"),
        (["A\x1b[2J", "B", "C", "D", "E", "F", "G"], 1, "by A\\x1b[2J, B, C, D, E or 2 more (req_"),
    ],
)
def test_who_decides_is_told(
    typed: Type, server: StandIn, able: list[str] | None, missing: int, told: str
) -> None:
    """Whoever waits reads who can decide, as far as the server says it (A10d, A19)."""
    attributes = {"state": "open", "approvals_missing": missing}
    meta = {} if able is None else {"deciders": able}
    resource = {"type": "token_request", "id": "1234567890123456", "attributes": attributes}
    server.script(Says(200, {"data": {**resource, "meta": meta}}))
    options = ("--url", server.url, "--pat-token", "x", "--timeout", "0")
    ran = typed("pat", "wait", "req_1234567890123456", *options)
    assert ran.code == Exit.UNAPPROVED
    assert told in ran.err


@pytest.mark.parametrize("way", [(), ("--device",), ("--dry-run",)])
def test_no_browser_opens_for_nothing(
    typed: Type, server: StandIn, browser: Callable[[Answering], list[Any]], way: tuple[str, ...]
) -> None:
    """Where nobody listens, or something else does, it is told before a browser opens (A19)."""
    seen = browser(lambda asked: [(back(asked), 200)])
    server.signs_in = False
    for said, code in ((Says(404, {}), 3), (Says(200, {}), 3), (Says(200, b"<html>"), 3),
                       (Says(0), 3)):  # fmt: skip
        server.script(said)
        ran = typed("auth", "login", "--url", server.url, *way)
        assert ran.code == code, ran.err
    assert seen == []


def test_a_server_by_another_name_is_told(
    typed: Type, server: StandIn, browser: Callable[[Answering], list[Any]]
) -> None:
    """Whose answer would not count for its name is told at once, with the name that would (S48)."""
    seen = browser(lambda asked: [(back(asked), 200)])
    server.signs_in = False
    server.says = lambda _heard: Says(200, {"issuer": "https://cms.example.com"})
    ran = typed("auth", "login", "--url", server.url)
    assert ran.code == Exit.CONFIG
    assert "counterfoil auth login --url https://cms.example.com" in ran.err
    assert seen == []
