"""The gateway as a server, beside a server of the same make that decides nothing.

What is compared is the processor time of a worker for one answer: at saturation that is what its
core can answer in a second, and another process on the machine does not change it.
"""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Final

from bench.pouring import nobodys
from bench.shop import A_PASS, API, ITEMS, PIDS, empty, fill, followed, gateway
from counterfoil.gateway.trail import EVERY_S

HOT: Final = 16
"""So many tokens ask again and again, for each of the items."""
REQUESTS: Final = 4_000
ROUNDS: Final = 7
_AT_ONCE: Final = 16
_SCHEDULED: Final = 2
"""Of the clocks of a process that which counts what the scheduler gave it."""


class WrongAnswerError(Exception):
    """A server said something else than it says at rest."""


def measure(at: Path) -> dict[str, float]:
    """Return microseconds of processor time for one answer: bare, and each verdict."""
    at.mkdir()
    texts = fill(at)
    with ExitStack() as running:
        followed(at, running)
        gate = running.enter_context(gateway(at))
        bare = running.enter_context(empty(at))
        saying = running.enter_context(empty(at, A_PASS))
        runs = {
            "bare": (bare, _asking(texts, ITEMS), b"200"),
            # decides nothing, and says what is said of whoever may pass: there is no less to do
            "saying the same": (saying, _asking(texts, ITEMS), b"200"),
            "allowed": (gate, _asking(texts[:HOT], ITEMS), b"200"),
            "allowed, not asked before": (gate, _asking(texts, ITEMS), b"200"),
            # its checksum holds, and it is nobody's: it is looked up, as a good one is, and counted
            "refused": (gate, _asking([nobodys()], ITEMS), b"401"),
            "refused, another each time": (
                gate,
                _asking([nobodys() for _ in range(REQUESTS)], ITEMS),
                b"401",
            ),
            # of no form at all: it is looked up nowhere
            "malformed": (gate, _asking(["cfp_" + "0" * 12], ITEMS), b"401"),
            "forbidden": (gate, _asking(texts[:HOT], 0), b"403"),
        }
        took: dict[str, list[float]] = {name: [] for name in runs}
        for turn in range(ROUNDS + 1):
            for name, (port, requests, status) in runs.items():
                one = cost(port, requests, status)
                if turn:  # the first is for what is read once
                    took[name].append(one)
    return {name: median(all_) for name, all_ in took.items()}


def _asking(texts: Sequence[str], items: int) -> list[bytes]:
    """Return requests as nginx sends them, for items that there are, or for none."""
    dice = random.Random(6)  # noqa: S311 - made up, the same each time
    return [
        (
            f"GET /authz/nginx/api_{API} HTTP/1.1\r\nHost: counterfoil\r\n"
            f"X-Original-Method: GET\r\nX-Forwarded-For: 192.0.2.7\r\nX-Original-URI: "
            f"/{'items' if items else 'admin'}/{dice.randrange(items or 1)}?draft=1\r\n"
            f"User-Agent: bench/1\r\nAccept: */*\r\n"
            f"Authorization: Bearer {dice.choice(texts)}\r\n\r\n"
        ).encode()
        for _ in range(REQUESTS)
    ]


def cost(port: int, requests: Sequence[bytes], status: bytes) -> float:
    """Send requests over one connection, some ahead of their answers; return microseconds each.

    Raises:
        WrongAnswerError: if any answer has another status.
    """
    before = _spent_s(PIDS[port])
    want, seen, sent, got = b"HTTP/1.1 " + status, 0, 0, b""
    with socket.create_connection(("127.0.0.1", port)) as line:
        while seen < len(requests):
            while sent < len(requests) and sent - seen < _AT_ONCE:
                line.sendall(requests[sent])
                sent += 1
            got += line.recv(1 << 18)
            heads = got.count(b"HTTP/1.1 ")
            if got.count(want) != heads:
                raise WrongAnswerError(got[:300].decode("latin-1"))
            cut = got.rfind(b"HTTP/1.1 ") + 1  # the last head may be cut short: it is kept
            seen, got = seen + heads, got[cut:] if heads else got
    time.sleep(2 * EVERY_S)  # what goes on record is written by then, and counted to these
    return (_spent_s(PIDS[port]) - before) / len(requests) * 1e6


def _spent_s(pid: int) -> float:
    """Return the seconds of processor time of a server and its workers."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(_spent(one) for one in [pid, *map(int, children)])


def _spent(pid: int) -> float:
    """Return the seconds of one process, to the nanosecond; /proc counts them by the hundredth.

    A process has a clock whose number is made of its own: clock_getcpuclockid(3).
    """
    return time.clock_gettime(~pid << 3 | _SCHEDULED)
