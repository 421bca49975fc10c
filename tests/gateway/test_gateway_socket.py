"""A gate that listens at a Unix socket, where the system itself says who may ask."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from infra.echo import echo
from infra.proxies import BEFORE
from infra.server import COUNTERFOIL, OverSocket, Server, gateway_at, is_ready_at
from infra.wait import wait_until
from support.gate import BASE
from support.proxied import Live
from support.raw_http import Heard, hear, say
from support.shop import SHOP, at_home
from support.smuggling import Case

SOCKETS = sorted({*BEFORE} - {"traefik"})
"""The proxies that can ask at a socket; Traefik's forwardAuth takes an http address alone."""
ASKS = (
    "GET /authz/nginx/api_{api} HTTP/1.1\r\nHost: gate\r\nX-Original-Method: GET\r\n"
    "X-Original-URI: /items/18\r\n{more}Authorization: Bearer {token}\r\n\r\n"
)


@pytest.fixture(scope="module")
def path() -> Iterator[Path]:
    """Where it listens: in a directory that is nobody else's, and has a short name."""
    with TemporaryDirectory() as folder:
        yield Path(folder) / "gate.sock"


@pytest.fixture(scope="module")
def gate(live: Live, path: Path) -> Iterator[Server]:
    """A gate of the shop with two processes at the socket."""
    with gateway_at(live.home, path, "--workers", "2") as running:
        yield running


def ask(path: Path, token: str, more: str = "") -> Heard:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(10)
        line.connect(str(path))
        line.sendall(ASKS.format(api=SHOP, token=token, more=more).encode())
        return hear(line)


def status(path: Path, target: str, method: str = "GET") -> int:
    connection = OverSocket(path)
    try:
        connection.request(method, target)
        answer = connection.getresponse()
        assert bool(answer.read()) is (method != "HEAD")
        return answer.status
    finally:
        connection.close()


def test_its_file_is_for_its_group(gate: Server, path: Path) -> None:
    """Who may ask is whoever the system lets write to the socket: its user and its group (0660)."""
    assert path.stat().st_mode & 0o777 == 0o660
    assert len(gate.workers()) == 2


def test_all_its_doors_are_there(gate: Server, live: Live, path: Path) -> None:
    """A proxy's question, health, figures and keys are answered there as at a port."""
    assert gate.process.poll() is None
    assert ask(path, live.tokens.reader).status == 200
    assert ask(path, "cfp_" + "0" * 49).status == 401
    for target in ("/livez", "/readyz", "/metrics"):
        for method in ("GET", "HEAD"):
            assert status(path, target, method) == 200
        assert status(path, target, "POST") == 405


def test_who_asks_there_is_nowhere(gate: Server, live: Live, path: Path) -> None:
    """A socket has no address: a token that is bound to networks opens only what a proxy vouches.

    Not even every network there is holds one of whom the proxy does not say where they are (S42).
    """
    assert gate.process.poll() is None
    token = at_home(live.replica, "0.0.0.0/1", "128.0.0.0/1", "::/0", token=BASE + 371)
    assert ask(path, token).status == 403
    assert ask(path, token, "X-Forwarded-For: unix:\r\n").status == 403
    assert ask(path, token, "X-Forwarded-For: 192.0.2.7\r\n").status == 200


@pytest.mark.parametrize("kind", SOCKETS)
def test_proxies_ask_there(kind: str, gate: Server, live: Live, path: Path, tmp_path: Path) -> None:
    """By the configuration that we ship, with the socket in it, each of them lets in who may."""
    assert gate.process.poll() is None
    with (
        echo() as api,
        BEFORE[kind](tmp_path, gate=f"unix:{path}", api=api.port, id_=SHOP) as port,
    ):
        for _ in range(3):
            assert say(port, Case("").raw(live.tokens.shelf)).status == 200
        assert say(port, Case("", target="/items/18").raw(live.tokens.shelf)).status == 403
        assert say(port, Case("").raw("cfp_" + "0" * 49)).status == 401
    assert len(api.seen) == 3
    for seen in api.seen:
        assert "".join(seen.values("Authorization")) == ""
        assert seen.values("Counterfoil-Token-Kind") == ["personal"]


@pytest.mark.parametrize("kind", SOCKETS)
def test_a_socket_that_is_gone_lets_nobody_in(kind: str, live: Live, tmp_path: Path) -> None:
    """Where nobody listens at the socket yet, or any more, nothing passes (S53)."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "gate.sock"
        with (
            echo() as api,
            BEFORE[kind](tmp_path, gate=f"unix:{path}", api=api.port, id_=SHOP) as port,
        ):
            assert say(port, Case("").raw(live.tokens.shelf)).status >= 500
            with gateway_at(live.home, path):
                wait_until(
                    lambda: say(port, Case("").raw(live.tokens.shelf)).status == 200,
                    f"{kind} to find the gate",
                )
            assert not path.exists()
            api.seen.clear()
            assert say(port, Case("").raw(live.tokens.shelf)).status >= 500
            assert api.seen == []


def test_it_is_robbed_by_nobody(gate: Server, live: Live, path: Path) -> None:
    """A second gate at the same socket ends and says why; the first goes on, and has its socket."""
    assert gate.process.poll() is None
    before = path.stat().st_ino
    second = [COUNTERFOIL, "gate", "--data-dir", str(live.home), "--listen", f"unix:{path}"]
    done = subprocess.run(second, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert f"cannot listen at {path} (another server" in done.stderr
    assert "Traceback" not in done.stderr
    assert path.stat().st_ino == before
    assert ask(path, live.tokens.reader).status == 200


def test_a_killed_one_is_followed(live: Live) -> None:
    """After `kill -9` another begins in its place, and nobody takes anything away by hand."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "gate.sock"
        command = [COUNTERFOIL, "gate", "--data-dir", str(live.home), "--listen", f"unix:{path}"]
        killed = subprocess.Popen(command, start_new_session=True)
        wait_until(lambda: is_ready_at(path) or killed.poll() is not None, "the gate to be ready")
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
        assert path.exists()
        with gateway_at(live.home, path):
            assert ask(path, live.tokens.reader).status == 200
        assert not path.exists()
