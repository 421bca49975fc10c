"""How the real server stops: at once where nothing is under way, and never by the kill."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from http.client import HTTPConnection

import pytest

from counterfoil.app.serve import KILL_S
from infra.server import COUNTERFOIL, Server, serving
from infra.wait import free_port, wait_until
from support.installation import Installed
from support.raw_http import ask

SOON = KILL_S - 1
"""Seconds within which a stop is none that waited for the kill; it takes less than one."""


def to_parent(server: Server) -> None:
    server.process.send_signal(signal.SIGTERM)


def to_everybody(server: Server) -> None:
    os.killpg(server.process.pid, signal.SIGTERM)


def ctrl_c(server: Server) -> None:
    os.killpg(server.process.pid, signal.SIGINT)


def twice(server: Server) -> None:
    ctrl_c(server)
    to_everybody(server)


@pytest.mark.parametrize("stop", [to_parent, to_everybody, ctrl_c, twice])
def test_an_idle_server_stops_soon(installed: Installed, stop: Callable[[Server], None]) -> None:
    """Whoever is told, workers close their books and leave, open connections or not (R20)."""
    with serving(installed.settings.data_dir) as server, ExitStack() as stack:
        for path in ("/livez", "/livez", "/readyz", ""):
            connection = HTTPConnection("127.0.0.1", server.port)
            connection.connect()
            stack.callback(connection.close)
            if path:
                connection.request("GET", path)
                assert connection.getresponse().read()
        stop(server)
        assert server.process.wait(SOON) == 0
        assert '"worker left"' in server.log.read_text()


@pytest.mark.parametrize("turn", range(3))
def test_a_busy_server_answers_writes_down_and_leaves(installed: Installed, turn: int) -> None:
    """Whoever asked is answered, each read is on record, no worker is killed (R20, X2).

    Whatever clients leave behind them: a line kept open, half a head. The passwords keep other
    threads than the main one busy, which then take the signal.
    """
    token = installed.tokens[turn]
    with (
        serving(installed.settings.data_dir, "--workers", "3") as server,
        ExitStack() as stack,
        ThreadPoolExecutor(4) as pool,
    ):
        wait_until(lambda: _logged(server, "worker began") == 3, "all workers")
        for begun in (b"", b"GET /livez HTTP/1.1\r\nHost: local", b"GET /livez HTTP"):
            line = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 10))
            line.sendall(begun)
        bearer = f"Authorization: Bearer {token}"
        read = [ask(server.port, "GET", "/cda/nodes", bearer).status for _ in range(8)]
        asked = [pool.submit(_sign_in, server.port, turn * 10 + one) for one in range(4)]
        wait_until(lambda: any(one.running() for one in asked), "the sign-ins to begin")
        server.process.send_signal(signal.SIGTERM)
        answers = {one.result() for one in asked}
        assert server.process.wait(SOON) == 0
        assert _logged(server, "worker left") == 3
    assert read == [200] * 8
    assert answers <= {401, 429}
    assert _reads(installed, turn) == 8


@pytest.mark.parametrize("begun", range(1, 5))
def test_a_server_that_is_still_starting_stops_soon(installed: Installed, begun: int) -> None:
    """A SIGTERM is heard by workers that are only being built, however far they are (R20)."""
    command = [COUNTERFOIL, "serve", "--data-dir", str(installed.settings.data_dir)]
    with subprocess.Popen(
        [*command, "--workers", "4", "--port", str(free_port())],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        wait_until(lambda: _children(process.pid) >= begun, "workers to begin", pause=0.001)
        process.send_signal(signal.SIGTERM)
        assert process.wait(SOON) == 0


def _children(pid: int) -> int:
    listed = subprocess.run(
        ["/bin/ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, check=False
    )
    return len(listed.stdout.split())


def _logged(server: Server, event: str) -> int:
    return server.log.read_text().count(f'"{event}"')


def _sign_in(port: int, number: int) -> int:
    body = f"email=somebody-{number}%40acme.test&password=wrong-password".encode()
    form = "Content-Type: application/x-www-form-urlencoded"
    return ask(port, "POST", "/signin", form, body=body).status


def _reads(installed: Installed, number: int) -> int:
    with closing(sqlite3.connect(installed.settings.office_file)) as office:
        counted = office.execute(
            "SELECT count(*) FROM audit_entry WHERE instr(body, CAST(? AS BLOB))",
            [f'"token_name":"service {number}"'],
        )
        return int(counted.fetchone()[0])
