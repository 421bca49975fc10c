"""Pouring: asking a server by tokens that nobody has, as fast as it answers or at a rate.

    without a pause   each connection asks again as soon as it was answered
    at a rate         each connection asks when it is due, whether or not anybody answers

At a rate what a connection does not take is lost: whoever floods has no patience either. It is a
process of its own, so that it keeps nobody from measuring who is in this one.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from selectors import EVENT_READ, DefaultSelector
from typing import Final, NamedTuple

import msgspec

from counterfoil.kernel.entropy import system_entropy
from counterfoil.secret import Kind, Secret

KINDS: Final = 512
"""So many different tokens a connection asks by, in turn."""
_TURN_S: Final = 0.005
_PIECE: Final = 1 << 18
_STATUS: Final = re.compile(rb"HTTP/1\.1 (\d{3})")
_KEPT: Final = len("HTTP/1.1 200") - 1
"""So much of what came may be the begin of a status line."""


class Target(NamedTuple):
    """Where is asked, and how: `{token}` stands in the request for what nobody has."""

    port: int
    request: str


class Poured(NamedTuple):
    """What came of it.

    Attributes:
        offered: requests a second that were due.
        taken: those of them that a connection took.
        answered: those that were answered, by status.
    """

    offered: float
    taken: float
    answered: dict[str, float]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return sum(self.answered.values())


class _Plan(msgspec.Struct):
    target: Target
    lines: int
    rate: float


class _Line:
    """A connection, with requests ready to be sent one after another."""

    def __init__(self, target: Target) -> None:
        spelled = [target.request.format(token=nobodys()).encode() for _ in range(KINDS)]
        self._size = len(spelled[0])
        self._all = memoryview(b"".join(spelled))
        self._port = target.port
        self.sent_bytes = 0
        self.open()

    def open(self) -> None:
        """Connect, also anew: a gate that is sent too much at once answers some, and hangs up."""
        self._at = self._due = 0
        self._rest = b""
        self.socket = socket.create_connection(("127.0.0.1", self._port), 10)
        self.socket.settimeout(0)

    def send(self, many: int) -> None:
        """Send so many at most, and first what is left of one that was begun."""
        begun = -self._at % self._size
        self._due = begun + many * self._size
        with suppress(BlockingIOError, ConnectionError):
            while self._due:
                sent = self.socket.send(self._all[self._at : self._at + self._due])
                self._at = (self._at + sent) % len(self._all)
                self._due -= sent
                self.sent_bytes += sent

    @property
    def taken(self) -> float:
        """How many it took."""
        return self.sent_bytes / self._size

    def heard(self) -> list[bytes]:
        """Return the statuses that came.

        Raises:
            ConnectionError: if it is over.
        """
        came = self.socket.recv(_PIECE)
        if not came:
            raise ConnectionError
        whole = self._rest + came
        self._rest = whole[-_KEPT:]
        return _STATUS.findall(whole)


def nobodys() -> str:
    """Return a token that no book has, with a checksum that holds; each another, of one length.

    What is broken is cheaper to refuse: it is not counted, as a token that was revoked is.
    """
    return Secret.mint(Kind.PERSONAL, system_entropy).reveal()


def main() -> None:
    """Ask until a line comes in; then say what came of it."""
    plan = msgspec.json.decode(sys.argv[1], type=_Plan)
    waiting, met = DefaultSelector(), Counter[bytes]()
    all_ = [_Line(plan.target) for _ in range(plan.lines)]
    for line in all_:
        waiting.register(line.socket, EVENT_READ, line)
        if not plan.rate:
            line.send(1)
    waiting.register(sys.stdin, EVENT_READ)
    _say(None)
    began, offered, next_at, over = time.monotonic(), 0, 0, False
    while not over:
        for key, _ in waiting.select(_TURN_S):
            if key.data is None:
                over = True
                continue
            try:
                heard = key.data.heard()
            except ConnectionError:
                waiting.unregister(key.data.socket)
                key.data.socket.close()
                key.data.open()
                waiting.register(key.data.socket, EVENT_READ, key.data)
                heard = [] if plan.rate else [b""]
            met.update(heard)
            if not plan.rate:
                key.data.send(len(heard))
        due = int((time.monotonic() - began) * plan.rate) - offered
        each, more = divmod(due, plan.lines)
        for number in range(plan.lines if each else more):
            all_[(next_at + number) % plan.lines].send(each + (number < more))
        next_at, offered = (next_at + more) % plan.lines, offered + due
    took = time.monotonic() - began
    taken = sum(line.taken for line in all_) / took
    answered = {status.decode(): many / took for status, many in met.items()}
    _say(Poured(offered / took if plan.rate else taken, taken, answered))


def _say(what: Poured | None) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(what) + b"\n")
    sys.stdout.buffer.flush()


@contextmanager
def pouring(target: Target, lines: int, rate: float = 0.0) -> Iterator[Callable[[], Poured]]:
    """Ask meanwhile, over so many connections; at a rate, or without a pause if that is 0.

    Yields what ends it and returns what came of it.
    """
    plan = msgspec.json.encode(_Plan(target, lines, rate)).decode()
    command = [sys.executable, "-m", "bench.pouring", plan]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:

        def end() -> Poured:
            said, _ = process.communicate(b"\n")
            return msgspec.json.decode(said, type=Poured)

        try:
            _begun(process)
            yield end
        finally:
            process.kill()


def _begun(process: subprocess.Popen[bytes]) -> None:
    """Return when it asks.

    Raises:
        ConnectionError: if it never does.
    """
    if process.stdout is None or not process.stdout.readline():
        raise ConnectionError


if __name__ == "__main__":
    main()
