"""The benchmark beside peers: its load is what it says, and it times only what it has proved."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bench.peers.articles import articles
from bench.peers.load import Target, WrongAnswerError, load
from bench.peers.ours import counterfoil
from bench.peers.subject import WrongError
from bench.peers.verification.ours import gate
from bench.peers.verification.verifier import Request, Verifier

ASK = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Counting(ThreadingHTTPServer):
    """A server that counts what it is asked."""

    daemon_threads = True
    asked = 0


class Handler(BaseHTTPRequestHandler):
    """Answers by length, in chunks, or not at all as it should."""

    protocol_version = "HTTP/1.1"
    counting = threading.Lock()

    def do_GET(self) -> None:
        assert isinstance(self.server, Counting)
        with self.counting:
            self.server.asked += 1
        self.send_response(404 if self.path == "/gone" else 200)
        if self.path == "/chunks":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"3\r\nabc\r\n")
            self.wfile.flush()
            self.wfile.write(b"2\r\nde\r\n0\r\n\r\n")
        else:
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"abcde")

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server() -> Iterator[Counting]:
    with Counting(("127.0.0.1", 0), Handler) as one:
        running = threading.Thread(target=one.serve_forever)
        running.start()
        yield one
        one.shutdown()
        running.join()


@pytest.mark.parametrize("path", [b"/length", b"/chunks"])
def test_it_counts_each_answer_once(server: Counting, path: bytes) -> None:
    """What the load generator counts is what the server was asked, however that frames answers."""
    run = load(Target(server.server_port, [ASK % path]), 3, 0.2)
    assert len(run.took_ns) == server.asked >= 3
    assert all(took > 0 for took in run.took_ns)
    assert run.per_second == pytest.approx(server.asked / run.seconds)


def test_a_failure_is_no_answer(server: Counting) -> None:
    """A server that fails under load is not measured as a quick one."""
    with pytest.raises(WrongAnswerError):
        load(Target(server.server_port, [ASK % b"/gone"]), 1, 0.2)


@pytest.mark.slow
def test_ours_is_proved(tmp_path: Path) -> None:
    """What is measured as ours gives its token the articles, and whatever does not is refused."""
    content = articles(30)
    titles = [one["title"] for one in content]
    with counterfoil(tmp_path / "ours", content) as subject:
        subject.prove(titles)
        with pytest.raises(WrongError, match="401"):
            replace(subject, token=f"{subject.token}x").prove(titles)
        with pytest.raises(WrongError, match=r"one: 200"):
            subject.prove(titles[:10])


@pytest.mark.slow
def test_the_gate_is_proved(tmp_path: Path) -> None:
    """The gate that is measured lets its tokens in and no other, and answers a load of them."""
    with gate(tmp_path / "gate", 20) as verifier:
        verifier.prove()
        assert len(load(verifier.target(), 2, 0.1).took_ns) > 20
        with pytest.raises(WrongError, match="401"):
            replace(verifier, tokens=[*verifier.tokens, "cfp_" + "0" * 49]).prove()


def test_who_lets_everybody_in_is_not_measured(server: Counting) -> None:
    """A server that says yes without a good credential is no verifier, however quick it is."""
    one = Verifier("", server.server_port, 0, ["a" * 20], lambda _: Request("GET", "/length", {}))
    with pytest.raises(WrongError, match="200"):
        one.prove()
    with pytest.raises(WrongError, match="different"):
        replace(one, tokens=["a", "a"]).prove()
    with pytest.raises(WrongError, match="good token"):
        replace(one, says=b"somebody else").prove()
