"""How the real server stops: at once where nothing is under way, and never by the kill."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from http.client import HTTPConnection

import pytest

from counterfoil.app.serve import DRAIN_S
from infra.server import COUNTERFOIL, Server, serving
from infra.wait import free_port, wait_until
from installed import Installed

SOON = DRAIN_S - 1
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
