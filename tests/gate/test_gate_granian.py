"""The gate in front of somebody else's application, on the real server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from counterfoil.gate.replica import Replica
from infra.wait import free_port, wait_until
from support.gate import BEN, NOW, SECOND, mint, record, tell

APPLICATION = '''
import os
from pathlib import Path

from counterfoil.gate.middleware_wsgi import CALLER, Gate
from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.clock import system_clock


def inner(environ, start_response):
    """A generator: nothing of it runs, and no status is said, before its first piece is asked."""
    if environ["PATH_INFO"] == "/broken":
        raise RuntimeError
    status = "418 I'm a Teapot" if environ["PATH_INFO"] == "/tea" else "201 Created"
    start_response(status, [("Content-Type", "text/plain"), ("X-Inner", "yes")])
    yield str(environ[CALLER].user).encode()


replica = Replica(Path(os.environ["REPLICA"]))
application = Gate(inner, Verifier(replica, system_clock), required=True)
'''


@pytest.fixture
def token(replica: Replica) -> str:
    """A token of Ben's that ends on no day that this test will see."""
    text = mint()
    tell(replica, record(text, expires_at=NOW + 10**9 * SECOND))
    return text


@pytest.fixture
def port(replica: Replica, tmp_path: Path) -> Iterator[int]:
    """Where Granian serves the application, behind the gate."""
    (tmp_path / "guarded.py").write_text(APPLICATION)
    free = free_port()
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
        *("--port", str(free), "--working-dir", str(tmp_path), "guarded:application"),
    ]
    env = {**os.environ, "REPLICA": str(replica.path), "PYTHONPATH": str(tmp_path)}
    process = subprocess.Popen(command, env=env, start_new_session=True)
    try:
        wait_until(lambda: ask(free, "/")[0] == 401, "granian to serve")
        yield free
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def ask(port: int, path: str, token: str | None = None) -> tuple[int, str, bytes]:
    """Return the status, the inner application's header, and the body; 0 if nobody answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.getheader("X-Inner", ""), answer.read()
    except (OSError, HTTPException):
        return 0, "", b""
    finally:
        connection.close()


def test_a_generator_says_its_own_status(port: int, token: str) -> None:
    """Behind the gate an application may be a generator: its status goes out, and no 200 (S13)."""
    assert ask(port, "/", token) == (201, "yes", str(BEN).encode())
    assert ask(port, "/tea", token) == (418, "yes", str(BEN).encode())
    assert ask(port, "/broken", token)[:2] == (500, "")
    for wrong in (None, mint(), token[:-1]):
        assert ask(port, "/tea", wrong)[:2] == (401, "")
