"""The gateway's own reading of HTTP: what is no request is none, and each one has its answer."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.gateway import coming
from counterfoil.gateway.original import ADVERSE
from counterfoil.gateway.spelled import address, name_of, value_of
from support.raw_http import hear, say
from support.wired import all_of, heard_each, opened, served


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with served() as at:
        yield at


def asked(port: int, raw: bytes) -> Any:
    heard = say(port, raw)
    assert heard.status == 200, heard
    return heard.json


ENDS = b"Connection: close\r\n"
UPGRADES = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"
PIPE = b"".join(
    b"POST /%d?q HTTP/1.1\r\nHost: gate\r\nX-One: %d\r\nContent-Length: %d\r\n%s\r\n%s"
    % (n, n, n, ENDS if n == 3 else UPGRADES if n in {0, 2} else b"", b"b" * n)
    for n in range(4)
)


@given(cuts=st.lists(st.integers(1, len(PIPE) - 1), max_size=6))
def test_requests_are_answered_in_turn_however_they_are_cut(port: int, cuts: list[int]) -> None:
    """Whatever pieces requests come in, each has one answer, in the order of the requests.

    Who would rather speak something else is answered, body and all, as if they had not said so.
    """
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
        "HTTP_X_B": "\ufffd",
        "CONTENT_TYPE": "text/plain",
        "body": 0,
    }


@pytest.mark.parametrize("key", sorted(ADVERSE))
def test_what_no_client_may_send_is_told_however_it_is_spelled(key: str) -> None:
    """An API may read `_` as `-`: what could be an order or our word there leads to a no (S51)."""
    name = key.removeprefix("HTTP_").encode()
    assert {name_of(name), name_of(name.replace(b"_", b"-")), name_of(name.lower())} == {key}
    assert name_of(b"X_Original_URI") is None


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
        b"GET / HTTP/1.1\r\nX: " + b"a" * (coming.HEAD_BYTES + (1 << 19)),
        b"GET /" + b"a" * coming.HEAD_BYTES + b" HTTP/1.1\r\nX: 1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: 1\r\n" * (coming.HEADERS + 1) + b"\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: "
        + b"a" * (coming.HEAD_BYTES + (1 << 19)),
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
        line.sendall(b"b" * coming.BODY_BYTES)
        heard = hear(line)
        assert all_of(line) == b""
    assert heard.json["body"] >= coming.BODY_BYTES
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
        "GET / HTTP/1.0\r\nConnection: keep-alive\r\n",
        "GET / HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\nContent-Length: 0\r\n",
        "GET / HTTP/1.1\r\nConnection: close, upgrade\r\nUpgrade: websocket\r\n",
    ],
)
def test_a_line_ends_where_it_must(port: int, head: str) -> None:
    """Who wants one answer, or speaks HTTP/1.0, has one, and is told that it is the last."""
    with closing(opened(port)) as line:
        line.sendall(f"{head}\r\nGET /after HTTP/1.1\r\n\r\n".encode())
        got = all_of(line)
    assert (got.count(b"HTTP/1.1 "), got.count(b"HTTP/1.1 200 OK")) == (1, 1)
    assert b"Connection: close\r\n" in got


@pytest.mark.parametrize("coded", [b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n"])
def test_nobody_is_answered_in_another_protocol(port: int, coded: bytes) -> None:
    """Java's client asks so by itself over plain HTTP, with a body that has to be read here."""
    body = b"abc" if b"Length" in coded else b"3\r\nabc\r\n0\r\n\r\n"
    with closing(opened(port)) as line:
        line.sendall(b"POST /one HTTP/1.1\r\n%s%s\r\n" % (UPGRADES, coded))
        line.sendall(body + b"GET /two HTTP/1.1\r\n\r\n")
        first, second = heard_each(line, 2)
    assert (first.json["PATH_INFO"], first.json["body"]) == ("/one", 3)
    assert second.json["PATH_INFO"] == "/two"


def test_a_body_that_nobody_asked_for_is_not_kept(port: int) -> None:
    """It is read to its end, for the next request stands behind it, and held nowhere."""
    with closing(opened(port)) as line:
        line.sendall(b"POST /bare HTTP/1.1\r\nContent-Length: 9\r\n\r\nabcdefghi")
        line.sendall(b"GET /next HTTP/1.1\r\n\r\n")
        first, second = heard_each(line, 2)
    assert (first.json["body"], second.json["PATH_INFO"]) == (0, "/next")


def test_who_sends_ahead_takes_turns(port: int) -> None:
    """However many requests come together, each is answered, and others are in between."""
    many = 2_000
    with closing(opened(port)) as line, closing(opened(port)) as other:
        line.sendall(b"GET / HTTP/1.1\r\n\r\n" * many)
        other.sendall(b"GET /other HTTP/1.1\r\n\r\n")
        assert hear(other).json["PATH_INFO"] == "/other"
        waiting = len(heard_each(line, many))
    assert waiting == many


def test_what_is_no_ascii_takes_nothing_else_with_it() -> None:
    """A client that writes more into a header than it may hides nothing that stands in it."""
    assert value_of(b"\xe9, 10.0.0.1") == "\ufffd, 10.0.0.1"


def test_who_asks_for_the_head_has_no_body(port: int) -> None:
    """The length is said, and nothing follows that would pass for the next answer."""
    with closing(opened(port)) as line:
        line.sendall(b"HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n")
        head, _, body = all_of(line).partition(b"\r\n\r\n")
    assert b"Content-Length: " in head
    assert b"Date: " in head
    assert body == b""
