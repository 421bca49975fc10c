"""A load generator: so many kept connections in one thread, each asking again once it is answered.

It is made of sockets and epoll alone, because what measures must not be what is measured: it spends
some 15 µs of its own core on a request, and says what part of the time it was busy.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Final

_PIECE: Final = 1 << 18
_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"
_CHUNKED: Final = b"transfer-encoding: chunked"


class WrongAnswerError(Exception):
    """A server under load did not answer what it answers at rest."""


@dataclass(frozen=True, slots=True)
class Target:
    """One kind of request: where to, the requests, sent in turn, and the status of each answer."""

    port: int
    requests: Sequence[bytes]
    status: int = 200


@dataclass(frozen=True, slots=True)
class Run:
    """What came of it.

    Attributes:
        took_ns: of each request, from its first byte sent to its last byte read.
        seconds: how long it lasted.
        busy: the part of that time in which the generator itself was at work.
    """

    took_ns: list[int]
    seconds: float
    busy: float

    @property
    def per_second(self) -> float:
        """Requests answered in a second."""
        return len(self.took_ns) / self.seconds


class _Line:
    """One connection, and the answer that is coming in on it."""

    __slots__ = ("began", "got", "head", "socket", "wanted")

    def __init__(self, target: Target) -> None:
        self.head = b"HTTP/1.1 %d" % target.status
        self.socket = socket.create_connection(("127.0.0.1", target.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got = b""
        self.wanted = 0
        self.began = 0

    def ask(self, request: bytes) -> None:
        self.got, self.wanted = b"", 0
        self.began = time.perf_counter_ns()
        self.socket.sendall(request)

    def whole(self) -> bool:
        """Read what has come; say whether that is all of the answer."""
        piece = self.socket.recv(_PIECE)
        if not piece:
            message = "the server hung up"
            raise WrongAnswerError(message)
        self.got = got = self.got + piece if self.got else piece
        if not self.wanted:
            end = got.find(_END)
            if end < 0:
                return False
            self.wanted = _length(got, end, self.head)
        if self.wanted < 0:
            return got.endswith(b"0\r\n\r\n")
        return len(got) >= self.wanted


def _length(got: bytes, end: int, wanted: bytes) -> int:
    """Return how long the whole answer is; -1 if only its last piece says so."""
    if not got.startswith(wanted):
        raise WrongAnswerError(got[:300].decode("latin-1"))
    head = got[:end].lower()
    at = head.find(_LENGTH)
    if at >= 0:
        stop = head.find(b"\r", at)
        return end + len(_END) + int(head[at + len(_LENGTH) : stop if stop > 0 else end])
    if _CHUNKED in head:
        return -1
    raise WrongAnswerError(head.decode("latin-1"))


def load(target: Target, connections: int, seconds: float) -> Run:
    """Ask for so many seconds by so many connections at once.

    Raises:
        WrongAnswerError: for an answer of another status, and for a connection that is closed.
    """
    requests = cycle(target.requests)
    lines = [_Line(target) for _ in range(connections)]
    poll = select.epoll()
    by_number = {}
    for line in lines:
        by_number[line.socket.fileno()] = line
        poll.register(line.socket, select.EPOLLIN)
    try:
        return _drive(poll, by_number, requests, seconds)
    finally:
        poll.close()
        for line in lines:
            line.socket.close()


def _drive(
    poll: select.epoll, lines: dict[int, _Line], requests: Iterator[bytes], seconds: float
) -> Run:
    took: list[int] = []
    clock = time.perf_counter_ns
    began, used = clock(), time.process_time_ns()
    until = began + int(seconds * 1e9)
    for line in lines.values():
        line.ask(next(requests))
    asking = len(lines)
    while asking:
        for number, _ in poll.poll():
            line = lines[number]
            if not line.whole():
                continue
            now = clock()
            took.append(now - line.began)
            if now < until:
                line.ask(next(requests))
            else:
                asking -= 1
    lasted = clock() - began
    return Run(took, lasted / 1e9, (time.process_time_ns() - used) / lasted)
