"""The middleware on real servers, beside an office that goes on writing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import NamedTuple

import pytest

from counterfoil.feed.event import TokenStruck
from counterfoil.gate.replica import Replica
from counterfoil.secret import digest
from infra.wait import free_port, wait_until
from support.frameworks import API
from support.gate import BASE, tell
from support.shop import READ, SHELF, holder, shop_in

_APPLICATIONS = """
import json
import os

from counterfoil.middleware import asgi, wsgi

GATE = {"api": os.environ["API"], "data_dir": os.environ["DATA_DIR"]}


async def awaited(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            kind = (await receive())["type"]
            await send({"type": f"{kind}.complete"})
            if kind == "lifespan.shutdown":
                return
    body = json.dumps([os.getpid(), scope["path"]]).encode()
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": body})


def called(environ, start_response):
    start_response("200 OK", [])
    return [json.dumps([os.getpid(), environ["PATH_INFO"]]).encode()]


by_asgi = asgi.CounterfoilMiddleware(awaited, **GATE)
by_wsgi = wsgi.CounterfoilMiddleware(called, **GATE)
"""


class Served(NamedTuple):
    """An application on a port, and the replica that its host's office writes."""

    port: int
    replica: Replica


def _command(server: str, port: int, folder: Path) -> list[str]:
    where = ("--host", "127.0.0.1", "--port", str(port))
    if server == "uvicorn":
        inside = ("--app-dir", str(folder), "--log-level", "error")
        return [sys.executable, "-m", "uvicorn", *where, *inside, "served:by_asgi"]
    kind = server.partition(" ")[2]
    inside = ("--working-dir", str(folder), "--workers", "2")
    return [sys.executable, "-m", "granian", "--interface", kind, *where, *inside,
            f"served:by_{kind}"]  # fmt: skip


@pytest.fixture(params=["uvicorn", "granian asgi", "granian wsgi"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """The shop on each server."""
    (tmp_path / "served.py").write_text(_APPLICATIONS)
    home = tmp_path / "data"
    home.mkdir(mode=0o700)
    port = free_port()
    environment = {**os.environ, "API": API, "DATA_DIR": str(home), "PYTHONPATH": str(tmp_path)}
    with shop_in(home) as replica:
        process = subprocess.Popen(
            _command(request.param, port, tmp_path), env=environment, start_new_session=True
        )
        try:
            wait_until(lambda: ask(port, "/health")[0] == 200, f"{request.param} to serve")
            yield Served(port, replica)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def ask(port: int, target: str, token: str | None = None) -> tuple[int, bytes]:
    """Return status and body; 0 if nobody answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        connection.request("GET", target, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, HTTPException):
        return 0, b""
    finally:
        connection.close()


def test_every_process_follows_the_office(served: Served) -> None:
    """On a real server every worker decides by what the office writes, and at once (S19, S51)."""
    token = holder(served.replica, READ, token=BASE + 301, roots=(SHELF,))
    status, body = ask(served.port, "/items/17", token)
    assert (status, json.loads(body)[1]) == (200, "/items/17")
    assert ask(served.port, "/items/18", token)[0] == 403
    assert ask(served.port, "/docs/..%2fitems/18", token)[0] in {400, 403}
    assert ask(served.port, "/docs%2f..%2fitems%2f18", token)[0] == 400
    tell(served.replica, TokenStruck(token=BASE + 301, digests=(digest(token),)))
    assert {ask(served.port, "/items/17", token)[0] for _ in range(10)} == {401}
