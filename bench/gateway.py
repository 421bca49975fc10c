"""The gateway as a server, beside a server of the same make that decides nothing.

What is compared is the processor time of a worker for one answer: at saturation that is what its
core can answer in a second, and another process on the machine does not change it.
"""

from __future__ import annotations

import fcntl
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Final

from counterfoil.access.surface import ALL_SURFACES
from counterfoil.feed.event import (
    AnyEvent,
    ApiRecorded,
    ApiRouted,
    GrantRecord,
    MemberRecorded,
    OrganizationRecorded,
    ResourcePlaced,
    RoleRecorded,
    RouteRecord,
    ScopeRecord,
    SecretRecord,
    TokenRecorded,
)
from counterfoil.gate.replica import Replica
from counterfoil.secret import Kind, Secret, digest

TOKENS: Final = 1_000
ITEMS: Final = 50
HOT: Final = 16
"""So many tokens ask again and again, for each of the items."""
REQUESTS: Final = 4_000
ROUNDS: Final = 7
_AT_ONCE: Final = 16
_READY_S: Final = 20.0
_ORGANIZATION, _USER, _ROLE, _API, _TOP, _TOKEN = (10**15 + n * 10**6 for n in range(1, 7))
_SCOPE: Final = 64
_TICKS: Final[int] = os.sysconf("SC_CLK_TCK")
_BARE: Final = """
def app(environ, start_response):
    start_response("200 OK", [("Content-Length", "0")])
    return [b""]
"""


class WrongAnswerError(Exception):
    """A server said something else than it says at rest."""


def measure(at: Path) -> dict[str, float]:
    """Return microseconds of processor time for one answer: bare, and each verdict."""
    at.mkdir()
    texts = _fill(at)
    with ExitStack() as running:
        _followed(at, running)
        gate = running.enter_context(_gate(at))
        bare = running.enter_context(_bare(at))
        runs = {
            "bare": (bare, _asking(texts, ITEMS), b"200"),
            "allowed": (gate, _asking(texts[:HOT], ITEMS), b"200"),
            "allowed, not asked before": (gate, _asking(texts, ITEMS), b"200"),
            "refused": (gate, _asking(["cfp_" + "0" * 49], ITEMS), b"401"),
            "forbidden": (gate, _asking(texts[:HOT], 0), b"403"),
        }
        took: dict[str, list[float]] = {name: [] for name in runs}
        for turn in range(ROUNDS + 1):
            for name, (port, requests, status) in runs.items():
                one = _cost(port, requests, status)
                if turn:  # the first is for what is read once
                    took[name].append(one)
    return {name: median(all_) for name, all_ in took.items()}


def _fill(at: Path) -> list[str]:
    """Write the books of an installation with an API; return tokens that may read it."""
    dice = random.Random(5)  # noqa: S311 - made up, the same each time
    replica = Replica(at / "replica")
    replica.call("cf")
    texts = [Secret.mint(Kind.PERSONAL, dice.randbytes).reveal() for _ in range(TOKENS)]
    for position, event in enumerate(_events(texts), 1):
        replica.apply(position, event)
    replica.close()
    return texts


def _events(texts: Sequence[str]) -> Iterator[AnyEvent]:
    here = _ORGANIZATION
    yield OrganizationRecorded(
        organization=here, name="Acme", management_limit=30, management_window_ms=3_000
    )
    yield RoleRecorded(organization=here, role=_ROLE, scopes=0, custom=(_SCOPE,))
    yield MemberRecorded(organization=here, user=_USER, active=True, roles=(_ROLE,))
    yield ApiRecorded(organization=here, api=_API, scopes=(ScopeRecord("shop:read", _SCOPE),))
    routes = (RouteRecord(("GET",), "/items/{item}", "shop:read", "{item}"),)
    yield ApiRouted(organization=here, api=_API, routes=routes)
    yield ResourcePlaced(organization=here, api=_API, key="", node=_TOP, parent=None)
    for item in range(ITEMS):
        node = _TOP + item + 1
        yield ResourcePlaced(organization=here, api=_API, key=str(item), node=node, parent=_TOP)
    for number, text in enumerate(texts):
        grant = GrantRecord(here, "active", 0, ALL_SURFACES, (_TOP,), (_SCOPE,))
        yield TokenRecorded(
            organization=here, token=_TOKEN + number, letter="p", name="ci", authority="user",
            subject=_USER, expires_at=None, position=1, secrets=(SecretRecord(digest(text)),),
            grants=(grant,),
        )  # fmt: skip


def _followed(at: Path, running: ExitStack) -> None:
    """Hold what an office holds that keeps the books up."""
    lock = os.open(at / "follower.lock", os.O_RDWR | os.O_CREAT, 0o600)
    running.callback(os.close, lock)
    fcntl.flock(lock, fcntl.LOCK_EX)


@contextmanager
def _gate(at: Path) -> Iterator[int]:
    port = _free_port()
    command = [str(Path(sys.executable).with_name("counterfoil")), "gate", "--data-dir", str(at)]
    with _running([*command, "--listen", f"127.0.0.1:{port}"], at, port):
        yield port


@contextmanager
def _bare(at: Path) -> Iterator[int]:
    port = _free_port()
    (at / "bare.py").write_text(_BARE)
    command = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--port"]
    more = ["--blocking-threads", "1", "--runtime-mode", "st", "--no-ws", "bare:app"]
    with _running([*command, str(port), *more], at, port):
        yield port


@contextmanager
def _running(command: Sequence[str], folder: Path, port: int) -> Iterator[None]:
    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    _PIDS[port] = process.pid
    try:
        end = time.monotonic() + _READY_S
        while not _listens(port):
            if time.monotonic() > end or process.poll() is not None:
                message = f"{command[0]} does not listen"
                raise TimeoutError(message)
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(_READY_S)


_PIDS: Final[dict[int, int]] = {}


def _asking(texts: Sequence[str], items: int) -> list[bytes]:
    """Return requests as nginx sends them, for items that there are, or for none."""
    dice = random.Random(6)  # noqa: S311 - as above
    return [
        (
            f"GET /authz/nginx/api_{_API} HTTP/1.1\r\nHost: counterfoil\r\n"
            f"X-Original-Method: GET\r\nX-Forwarded-For: 192.0.2.7\r\nX-Original-URI: "
            f"/{'items' if items else 'admin'}/{dice.randrange(items or 1)}?draft=1\r\n"
            f"User-Agent: bench/1\r\nAccept: */*\r\n"
            f"Authorization: Bearer {dice.choice(texts)}\r\n\r\n"
        ).encode()
        for _ in range(REQUESTS)
    ]


def _cost(port: int, requests: Sequence[bytes], status: bytes) -> float:
    """Send requests over one connection, some ahead of their answers; return microseconds each.

    Raises:
        WrongAnswerError: if any answer has another status.
    """
    before = _spent_s(_PIDS[port])
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
    return (_spent_s(_PIDS[port]) - before) / len(requests) * 1e6


def _spent_s(pid: int) -> float:
    """Return the seconds of processor time of a server and its workers."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(_spent(one) for one in [pid, *map(int, children)])


def _spent(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks: int = int(fields[11]) + int(fields[12])
    return ticks / _TICKS


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
