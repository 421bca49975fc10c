"""The gate's door: one credential in, a caller or an answer out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from queue import Queue
from threading import Thread
from typing import Any

import lmdb
import pytest

from counterfoil.feed.event import MemberRecorded, TokenStruck
from counterfoil.gate.challenge import challenge
from counterfoil.gate.credential import present
from counterfoil.gate.middleware_wsgi import CALLER, Gate
from counterfoil.gate.position import MOST_WAITING, followed
from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.errors import Code, CounterfoilError, Denied, Malformed, Refused
from counterfoil.secret import digest
from support.gate import ACME, BASE, BEN, OTHER, OTHER_DEV, environ, mint, record, tell


class Said:
    """What an application said in answer."""

    def __init__(self) -> None:
        self.status = ""
        self.headers: dict[str, str] = {}
        self.body = b""

    def start(self, status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
        self.status = status
        self.headers = dict(headers)


def call(application: Callable[..., Iterable[bytes]], sent: dict[str, Any]) -> Said:
    """Send a request, and read the answer as a server does: the status before the body."""
    said = Said()
    body = application(sent, said.start)
    said.headers["status when the body began"] = said.status
    said.body = b"".join(body)
    close = getattr(body, "close", None)
    if close is not None:
        close()
    return said


def office(sent: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    """An application that says who is asking."""
    start("200 OK", [])
    caller = sent.get(CALLER)
    return [b"nobody" if caller is None else str(caller.user).encode()]


class TestCredential:
    def test_none(self) -> None:
        """Without a header there is no credential, whatever the cookies say (S11)."""
        assert present({"HTTP_COOKIE": f"token={mint()}"}) is None

    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
    def test_scheme(self, scheme: str) -> None:
        """The scheme is read in any case (K9)."""
        assert present({"HTTP_AUTHORIZATION": f"{scheme} {(text := mint())}"}) == text

    @pytest.mark.parametrize("header", ["Bearer a,Bearer b", "Bearer good,", ",", "bearer a,b"])
    def test_two(self, header: str) -> None:
        """Two credentials, however a server joins them, are malformed (S11)."""
        with pytest.raises(Malformed) as malformed:
            present({"HTTP_AUTHORIZATION": header})
        assert malformed.value.code is Code.INVALID_REQUEST

    @pytest.mark.parametrize(
        "header",
        ["", " ", "undefined", "Basic YTpi", "Bearer", "Token x", "cfp_x", "Bearer\tx", "DPoP x"],
    )
    def test_other(self, header: str) -> None:
        """Other schemes and what is none are refused like an unknown token (S3)."""
        with pytest.raises(Refused) as refusal:
            present({"HTTP_AUTHORIZATION": header})
        assert refusal.value.code is Code.INVALID_TOKEN

    @pytest.mark.parametrize(
        "spell",
        [
            lambda t: f"access_token={t}",
            lambda t: f"a=1&{t}",
            lambda t: f"q={t[:2]}%70{t[3:]}",
            lambda t: f"q={t.replace('_', '%5F')}&b",
            lambda t: f"q=x{t}x",
        ],
    )
    def test_query(self, spell: Callable[[str], str]) -> None:
        """A token in the address is malformed, however it is escaped, and is not repeated (S11)."""
        text = mint()
        sent = environ(mint(), QUERY_STRING=spell(text))
        with pytest.raises(Malformed) as malformed:
            present(sent)
        assert text not in str(malformed.value)

    def test_harmless_query(self) -> None:
        """Any other query passes."""
        text = mint()
        assert present(environ(text, QUERY_STRING="filter%5Btype%5D=cfp_short&q=a+b")) == text


class TestGate:
    def test_caller(self, replica: Replica, verifier: Verifier) -> None:
        """Behind the gate stands a caller; without a credential none, and none is believed."""
        text = mint()
        tell(replica, record(text))
        gate = Gate(office, verifier)
        assert call(gate, environ(text)).body == str(BEN).encode()
        forged = {CALLER: verifier.verify(text), "HTTP_COOKIE": f"session={text}"}
        assert call(gate, forged).body == b"nobody"

    def test_as_new_as_asked(self, replica: Replica, verifier: Verifier) -> None:
        """Who asks for a position is judged there or later, and not before it (S29)."""
        told: list[int] = []

        def reach(position: int) -> bool:
            told.append(position)
            tell(replica, record(text))
            return replica.position() >= position

        text = mint()
        ahead = str(replica.position() + 1)
        sent = {**environ(text), "HTTP_COUNTERFOIL_AT_LEAST": ahead}
        late = call(Gate(office, verifier), dict(sent))
        assert (late.status, late.headers["Retry-After"]) == ("503 Service Unavailable", "1")
        assert json.loads(late.body)["errors"][0]["code"] == "NOT_READY"
        assert call(Gate(office, verifier, reach=reach), dict(sent)).body == str(BEN).encode()
        assert told == [int(ahead)]
        assert call(Gate(office, verifier), dict(sent)).body == str(BEN).encode()

    @pytest.mark.parametrize("asked", ["", "-1", "1.0", "x", "1, 2", "1" * 19, "\u0661"])
    def test_no_position(self, verifier: Verifier, asked: str) -> None:
        """What is not a position is malformed, and the answer names the header (S29)."""
        said = call(Gate(office, verifier), {"HTTP_COUNTERFOIL_AT_LEAST": asked})
        assert said.status == "400 Bad Request"
        assert "Counterfoil-At-Least" in json.loads(said.body)["errors"][0]["detail"]

    def test_required(self, verifier: Verifier) -> None:
        """A gate that demands a credential answers 401 without an error code (S13)."""
        said = call(Gate(office, verifier, required=True), environ())
        assert said.status == "401 Unauthorized"
        assert said.headers["WWW-Authenticate"] == 'Bearer realm="counterfoil"'

    def test_denials_are_alike(self, replica: Replica, verifier: Verifier) -> None:
        """Unknown, revoked and malformed tokens get the very same bytes (X15, S3, S13)."""
        revoked = mint()
        tell(replica, record(revoked), TokenStruck(token=BASE + 101, digests=(digest(revoked),)))
        gate = Gate(office, verifier)
        answers = [call(gate, environ(text)) for text in (revoked, mint(), mint()[:-1] + "é")]
        assert len({(a.status, a.body, str(a.headers)) for a in answers}) == 1
        said = answers[0]
        assert json.loads(said.body)["errors"][0]["code"] == "INVALID_TOKEN"
        assert 'error="invalid_token"' in said.headers["WWW-Authenticate"]
        assert said.headers["Content-Length"] == str(len(said.body))

    def test_malformed(self, verifier: Verifier) -> None:
        """Two credentials are 400, without a challenge and without reaching the application."""
        said = call(Gate(office, verifier), {"HTTP_AUTHORIZATION": "Bearer a,Bearer b"})
        assert said.status == "400 Bad Request"
        assert "WWW-Authenticate" not in said.headers

    def test_organization(self, replica: Replica, verifier: Verifier) -> None:
        """The header names the organization, in either spelling; any other is 403 (K13)."""
        text = mint()
        other = MemberRecorded(organization=OTHER, user=BEN, active=True, roles=(OTHER_DEV,))
        tell(replica, record(text), other)
        gate = Gate(office, verifier)
        for named in (str(ACME), f"org_{ACME}"):
            assert call(gate, environ(text, HTTP_COUNTERFOIL_ORGANIZATION=named)).status == "200 OK"
        for named in (str(OTHER), "", "x", f"usr_{ACME}", f"{ACME},{OTHER}"):
            said = call(gate, environ(text, HTTP_COUNTERFOIL_ORGANIZATION=named))
            assert said.status == "403 Forbidden"

    def test_own_words(self, verifier: Verifier) -> None:
        """An application may word the refusals itself."""

        def render(
            error: CounterfoilError, _sent: object, start: Callable[..., Any]
        ) -> list[bytes]:
            start("401 No", [])
            return [str(error.code).encode()]

        said = call(Gate(office, verifier, render=render), environ(mint()))
        assert (said.status, said.body) == ("401 No", b"INVALID_TOKEN")

    def test_blind(
        self, replica: Replica, verifier: Verifier, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A gate that cannot look tokens up lets nobody in (R2)."""

        def broken() -> None:
            raise lmdb.DiskError("gone")

        monkeypatch.setattr(replica, "begin", broken)
        said = call(Gate(office, verifier), environ(mint()))
        assert said.status == "503 Service Unavailable"

    def test_generator(self, verifier: Verifier) -> None:
        """A lazy application has said its status before the server asks for it, and is closed."""
        closed = []

        def lazy(_sent: object, start: Callable[..., Any]) -> Iterator[bytes]:
            try:
                start("401 Unauthorized", [])
                yield b"a"
                yield b"b"
            finally:
                closed.append(True)

        said = call(Gate(lazy, verifier), {})
        assert said.headers["status when the body began"] == "401 Unauthorized"
        assert (said.body, closed) == (b"ab", [True])

    def test_empty_generator(self, verifier: Verifier) -> None:
        """A lazy application without a body, and one that fails, are themselves still."""

        def silent(_sent: object, start: Callable[..., Any]) -> Iterator[bytes]:
            start("204 No Content", [])
            yield from ()

        def broken(_sent: object, _start: object) -> Iterator[bytes]:
            message = "broken"
            raise ValueError(message)
            yield b""

        assert call(Gate(silent, verifier), {}).status == "204 No Content"
        with pytest.raises(ValueError, match="broken"):
            call(Gate(broken, verifier), {})


class TestChallenge:
    def test_scope(self) -> None:
        """A denial for want of a scope names it, as RFC 6750 asks (S13)."""
        error = Denied(Code.INSUFFICIENT_SCOPE, "This needs it.", meta={"scope": "content:publish"})
        assert challenge(error) == (
            'Bearer realm="counterfoil", error="insufficient_scope", '
            'error_description="This needs it.", scope="content:publish"'
        )

    def test_metadata(self) -> None:
        """The resource's metadata may be named (RFC 9728)."""
        said = challenge(Refused(Code.MISSING_AUTHORIZATION_HEADER), resource_metadata="https://x")
        assert said == 'Bearer realm="counterfoil", resource_metadata="https://x"'

    def test_quoting(self) -> None:
        """Nothing in a sentence can leave its quotes or its line (S13)."""
        said = challenge(Refused(Code.INVALID_TOKEN, 'a"b\\c\r\nX: é'))
        assert said.endswith('error_description="a?b?c??X: ?"')

    def test_malformed(self) -> None:
        """What cannot be read is an invalid request."""
        assert 'error="invalid_request"' in challenge(Malformed())


class Behind:
    """A replica that stands where it is told."""

    def __init__(self) -> None:
        self.at = 0

    def position(self) -> int:
        return self.at


def test_few_requests_wait_for_a_position() -> None:
    """Whoever asks for positions that never come keeps few threads waiting, and no more (R18)."""
    behind, answers = Behind(), Queue[bool]()
    reach = followed(behind, within_s=60)  # type: ignore[arg-type]
    threads = [
        Thread(target=lambda: answers.put(reach(7)), daemon=True) for _ in range(MOST_WAITING + 3)
    ]
    for thread in threads:
        thread.start()
    assert [answers.get(timeout=30) for _ in range(3)] == [False] * 3
    assert reach(0)
    behind.at = 7
    assert [answers.get(timeout=30) for _ in range(MOST_WAITING)] == [True] * MOST_WAITING
    assert reach(7)
