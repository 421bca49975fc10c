"""The gateway's own reading of HTTP: what is no request is none, and each one has its answer."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from granian.server import mp
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.gateway import direct, listener, process, wire
from counterfoil.gateway.spelled import address
from infra.wait import wait_until
from support.raw_http import hear, say
from support.wired import LENGTH, Answer, all_of, amid, heard_each, opened, served


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with served() as at:
        yield at


def asked(port: int, raw: bytes) -> Any:
    heard = say(port, raw)
    assert heard.status == 200, heard
    return heard.json


PIPE = b"".join(
    b"POST /%d?q HTTP/1.1\r\nHost: gate\r\nX-One: %d\r\nContent-Length: %d\r\n%s\r\n%s"
    % (n, n, n, b"Connection: close\r\n" if n == 3 else b"", b"b" * n)
    for n in range(4)
)


@given(cuts=st.lists(st.integers(1, len(PIPE) - 1), max_size=6))
def test_requests_are_answered_in_turn_however_they_are_cut(port: int, cuts: list[int]) -> None:
    """Whatever pieces requests come in, each has one answer, in the order of the requests."""
    places = [0, *sorted(set(cuts)), len(PIPE)]
    with closing(opened(port)) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for begin, end in pairwise(places):
            line.sendall(PIPE[begin:end])
        parts = all_of(line).split(b"HTTP/1.1 200 OK\r\n")[1:]
    bodies = [json.loads(part.partition(b"\r\n\r\n")[2]) for part in parts]
    assert [(one["PATH_INFO"], one["HTTP_X_ONE"], one["body"]) for one in bodies] == [
        (f"/{n}", str(n), n) for n in range(4)
    ]


def test_a_request_is_told_as_wsgi_tells_it(port: int) -> None:
    """A header that is repeated is one, and none passes for another or hides what it says."""
    found = asked(
        port,
        b"GET /a%2Fb%C3%A9/%zz?x=%41 HTTP/1.1\r\nX-A: 1\r\nx-a:  2 \r\nX_A: 3\r\nCookie: a=1\r\n"
        b"Cookie: b=2\r\nX-B: \xe9\r\nContent-Type: text/plain\r\n\r\n",
    )
    assert found == {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/a/b\u00c3\u00a9/%zz",
        "QUERY_STRING": "x=%41",
        "HTTP_X_A": "1,2",
        "HTTP_COOKIE": "a=1;b=2",
        "HTTP_X_B": "",
        "CONTENT_TYPE": "text/plain",
        "body": 0,
    }


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"/", "/", ""),
        (b"*", "*", ""),
        (b"//x/y?a?b", "//x/y", "a?b"),
        (b"/a#b?c", "/a", ""),
        (b"http://other/p?q", "/p", "q"),
        (b"http://other", "/", ""),
    ],
)
def test_an_address_is_path_and_query(target: bytes, path: str, query: str) -> None:
    """Each form of a request's target (RFC 9112, 3.2) leads to the path that it names."""
    assert address(target) == (path, query)


SPOILT = [
    b"GET /\xe9 HTTP/1.1\r\n\r\n",
    b"GET /x y HTTP/1.1\r\n\r\n",
    b"FOO / HTTP/1.1\r\n\r\n",
    b"CONNECT gate:1 HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\nX: a\n\n",
    b"GET / HTTP/1.1\r\nX : a\r\n\r\n",
    b"GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n",
    b"GET / HTTP/1.1\r\nX: a\x00b\r\n\r\n",
    b"GET / HTTP/1.1\r\nX: a\x01b\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\na",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01",
]


@pytest.mark.parametrize("raw", SPOILT)
def test_what_is_no_request_is_refused_and_ends_its_line(port: int, raw: bytes) -> None:
    """It is answered 400, and what follows it is not answered: two may read it otherwise (S51)."""
    with closing(opened(port)) as line:
        line.sendall(raw + b"GET /after HTTP/1.1\r\n\r\n")
        got = all_of(line)
    assert got.startswith(b"HTTP/1.1 400 ")
    assert got.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/1.1\r\nX: " + b"a" * (wire.HEAD_BYTES + (1 << 19)),
        b"GET /" + b"a" * wire.HEAD_BYTES + b" HTTP/1.1\r\nX: 1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: 1\r\n" * (wire.HEADERS + 1) + b"\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: "
        + b"a" * (wire.REQUEST_BYTES + (1 << 19)),
    ],
    ids=["endless", "long", "many", "trailing"],
)
def test_a_head_has_a_bound(port: int, raw: bytes) -> None:
    """So much is held of somebody's head, and no more: they are answered 431."""
    with closing(opened(port)) as line:
        line.sendall(raw)
        assert all_of(line).startswith(b"HTTP/1.1 431 ")


def test_a_body_has_a_bound(port: int) -> None:
    """A body that nobody takes is not waited for: whoever asks is answered by what came of it."""
    head = b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 9000000000\r\n\r\n"
    with closing(opened(port)) as line:
        line.sendall(head)
        assert line.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        line.sendall(b"b" * wire.BODY_BYTES)
        heard = hear(line)
        assert all_of(line) == b""
    assert heard.json["body"] >= wire.BODY_BYTES
    assert heard.header("connection") == "close"


def test_what_stands_behind_a_body_says_nothing(port: int) -> None:
    """A header that comes in a trailer is none: it was not there when a proxy looked (S51)."""
    found = asked(
        port,
        b"POST / HTTP/1.1\r\nX-One: 1\r\nTransfer-Encoding: chunked\r\nTrailer: X-One\r\n\r\n"
        b"1\r\nb\r\n0\r\nX-One: 2\r\nX-Two: 2\r\n\r\n",
    )
    assert (found["HTTP_X_ONE"], found.get("HTTP_X_TWO"), found["body"]) == ("1", None, 1)


@pytest.mark.parametrize("path", ["/broken", "/split", "/wide"])
def test_what_cannot_be_said_is_no_yes(port: int, path: str) -> None:
    """An answer that fails, or would be two, is a 500 with nothing of it; the next one is well."""
    with closing(opened(port)) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\n\r\nGET /next HTTP/1.1\r\n\r\n".encode())
        first, second = heard_each(line, 2)
    assert (first.status, first.body, first.header("x-name")) == (500, b"", None)
    assert second.json["PATH_INFO"] == "/next"


@pytest.mark.parametrize(
    "head",
    [
        "GET / HTTP/1.0\r\n",
        "GET / HTTP/1.1\r\nConnection: close\r\n",
        "GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n",
    ],
)
def test_a_line_ends_where_it_must(port: int, head: str) -> None:
    """Who wants one answer, or another protocol, has one, and is told that it is the last."""
    with closing(opened(port)) as line:
        line.sendall(f"{head}\r\nGET /after HTTP/1.1\r\n\r\n".encode())
        got = all_of(line)
    assert got.count(b"HTTP/1.1 200 OK") == 1
    assert b"Connection: close\r\n" in got


def test_who_asks_for_the_head_has_no_body(port: int) -> None:
    """The length is said, and nothing follows that would pass for the next answer."""
    with closing(opened(port)) as line:
        line.sendall(b"HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n")
        head, _, body = all_of(line).partition(b"\r\n\r\n")
    assert b"Content-Length: " in head
    assert b"Date: " in head
    assert body == b""


@pytest.mark.parametrize(
    ("sent", "bound"), [(b"GET / HT", "AMID_S"), (b"", "IDLE_S"), (b"FOO /\r\n", "LINGER_S")]
)
def test_whoever_says_nothing_is_let_go(
    monkeypatch: pytest.MonkeyPatch, sent: bytes, bound: str
) -> None:
    """Who sends half a request, none, or more after a refusal holds a line for a while alone."""
    for name in ("AMID_S", "IDLE_S", "LINGER_S"):
        monkeypatch.setattr(listener, name, 0.1 if name == bound else 3_600)
    with served() as at, closing(opened(at)) as line:
        line.sendall(sent)
        all_of(line)  # which ends, or the test's own patience does


def test_whoever_rests_for_longest_makes_room() -> None:
    """So many lines are held, and who comes is answered: one that rests is ended for that."""
    with served(most=2) as at, closing(opened(at)) as first, closing(opened(at)) as second:
        for line in (first, second, first):
            line.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert hear(line).status == 200
        with closing(opened(at)) as third:
            third.sendall(b"GET /third HTTP/1.1\r\n\r\n")
            assert hear(third).json["PATH_INFO"] == "/third"
        assert all_of(second) == b""
        first.sendall(b"GET /first HTTP/1.1\r\n\r\n")
        assert hear(first).json["PATH_INFO"] == "/first"


def test_nobody_is_ended_amid_a_request() -> None:
    """Where all lines are amid one, who comes waits for one of them, and is answered then."""
    with served(most=1) as at, closing(amid(at)) as first, closing(amid(at)) as second:
        with closing(opened(at)) as third:
            third.sendall(b"GET /third HTTP/1.1\r\n\r\n")
            first.sendall(b"b")
            assert hear(first).json["PATH_INFO"] == "/half"
            assert hear(third).json["PATH_INFO"] == "/third"
        second.sendall(b"b")
        assert hear(second).json["PATH_INFO"] == "/half"


def test_at_the_end_what_has_begun_is_answered() -> None:
    """A line that rests is ended; who has sent half a request may send the rest, and no other."""
    with served() as at:
        resting, begun = opened(at), opened(at)
        begun.sendall(b"GET /half HTTP/1.1\r\n")
        resting.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert hear(resting).status == 200
        rest = threading.Thread(target=_finish, args=(resting, begun))
        rest.start()
    rest.join()
    got = all_of(begun)
    assert got.startswith(b"HTTP/1.1 200 OK")
    assert got.count(b"HTTP/1.1 ") == 1
    with pytest.raises(OSError, match="refused"):
        opened(at)
    resting.close()
    begun.close()


def _finish(resting: socket.socket, begun: socket.socket) -> None:
    """Send the rest once the other line was ended, which is when the server ends."""
    wait_until(lambda: resting.recv(1) == b"", "the line that rests to be ended")
    begun.sendall(b"\r\nGET /after HTTP/1.1\r\n\r\n")


def test_who_does_not_read_is_not_read() -> None:
    """Answers that nobody takes fill no memory: no more is asked until they are taken."""
    seen: list[str] = []

    def ask(environ: dict[str, Any]) -> Answer:
        seen.append(environ["PATH_INFO"])
        return "200 OK", [(LENGTH, "100000")], b"x" * 100_000

    many = 2_000
    with served(ask=ask) as at, closing(opened(at)) as line:
        sending = threading.Thread(target=line.sendall, args=(b"GET / HTTP/1.1\r\n\r\n" * many,))
        sending.start()
        wait_until(lambda: seen, "it to begin")
        got = 0
        while got < many * 100_000:
            got += len(line.recv(1 << 20))
        sending.join()
    assert len(seen) == many


def test_another_granian_serves_the_gateway_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Granian tells its processes other things, they are its own, and say the same."""
    ours = process.spawning("127.0.0.1", 1)
    assert isinstance(ours, partial)
    assert ours.func is process.serve_here
    monkeypatch.setattr(mp.WorkerProcess, "wrap_target", lambda _target: lambda: None)
    theirs = process.spawning("127.0.0.1", 1)
    assert isinstance(theirs, partial)
    assert theirs.args == (direct.asking,)
