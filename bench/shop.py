"""A shop behind the gateway, for measuring: its books, the gateway itself, and an empty server."""

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
PIDS: Final[dict[int, int]] = {}
"""Which process listens where."""
_READY_S: Final = 20.0
_ORGANIZATION, _USER, _ROLE, API, _TOP, _TOKEN = (10**15 + n * 10**6 for n in range(1, 7))
_SCOPE: Final = 64
_BARE: Final = """
HEADERS = {headers!r}

def app(environ, start_response):
    start_response("200 OK", list(HEADERS))
    return [b""]
"""
NOTHING: Final = (("Content-Length", "0"),)
A_PASS: Final = (
    ("Counterfoil-Subject", "usr_1000000002000000"),
    ("Counterfoil-Organization", "org_1000000001000000"),
    ("Counterfoil-Token-Id", "tok_1000000006000000"),
    ("Counterfoil-Token-Name", "ci"),
    ("Counterfoil-Token-Kind", "personal"),
    ("Counterfoil-Scopes", "shop:read"),
    ("Counterfoil-Roots", "nod_1000000005000000"),
    ("Counterfoil-Late", ""),
    ("Counterfoil-Request-Id", "0" * 32),
    ("Counterfoil-Assertion", ""),
    *NOTHING,
    ("Cache-Control", "no-store"),
)
"""What the gateway says of whoever may pass."""


def fill(at: Path) -> list[str]:
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
    yield ApiRecorded(organization=here, api=API, scopes=(ScopeRecord("shop:read", _SCOPE),))
    routes = (RouteRecord(("GET",), "/items/{item}", "shop:read", "{item}"),)
    yield ApiRouted(organization=here, api=API, routes=routes)
    yield ResourcePlaced(organization=here, api=API, key="", node=_TOP, parent=None)
    for item in range(ITEMS):
        node = _TOP + item + 1
        yield ResourcePlaced(organization=here, api=API, key=str(item), node=node, parent=_TOP)
    for number, text in enumerate(texts):
        grant = GrantRecord(here, "active", 0, ALL_SURFACES, (_TOP,), (_SCOPE,))
        yield TokenRecorded(
            organization=here, token=_TOKEN + number, letter="p", name="ci", authority="user",
            subject=_USER, expires_at=None, position=1, secrets=(SecretRecord(digest(text)),),
            grants=(grant,),
        )  # fmt: skip


def followed(at: Path, running: ExitStack) -> None:
    """Hold what an office holds that keeps the books up."""
    lock = os.open(at / "follower.lock", os.O_RDWR | os.O_CREAT, 0o600)
    running.callback(os.close, lock)
    fcntl.flock(lock, fcntl.LOCK_EX)


@contextmanager
def gateway(at: Path) -> Iterator[int]:
    """Run the gateway before the shop; yield its port."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("counterfoil")), "gate", "--data-dir", str(at)]
    with running([*command, "--listen", f"127.0.0.1:{port}"], at, port):
        yield port


@contextmanager
def empty(at: Path, headers: Sequence[tuple[str, str]] = NOTHING, port: int = 0) -> Iterator[int]:
    """Run a server of the same make that always says the same, or nothing; yield its port."""
    port = port or free_port()
    with granian(at, port, f"bare_{port}", _BARE.format(headers=headers)):
        yield port


@contextmanager
def granian(at: Path, port: int, name: str, module: str) -> Iterator[None]:
    """Serve the `app` of a module, which is written down under that name, as the gate is served."""
    (at / f"{name}.py").write_text(module)
    command = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--port"]
    more = ["--blocking-threads", "1", "--runtime-mode", "st", "--no-ws", f"{name}:app"]
    with running([*command, str(port), *more], at, port):
        yield


@contextmanager
def running(command: Sequence[str | Path], folder: Path, port: int) -> Iterator[None]:
    """Run a server until the end of the block, which begins once it listens."""
    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    PIDS[port] = process.pid
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


def free_port() -> int:
    """Return a port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
