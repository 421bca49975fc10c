"""The whole product, as a program uses it: a sample installation, and one who speaks HTTP to it."""

from __future__ import annotations

import fcntl
import json
import subprocess
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import pytest

from infra.server import COUNTERFOIL
from support.passwords import cheapen


@dataclass(frozen=True)
class Said:
    """An answer, read whole."""

    status: int
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Talker:
    """Speaks HTTP to a port of this machine; a connection for each request."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)

    def bearing(self, token: str, **more: str) -> Talker:
        """Return one who carries a token."""
        return Talker(self.port, {"Authorization": f"Bearer {token}", **more})

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Said:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            raw = None if body is None else json.dumps(body)
            sent = {**self.headers, **{name.replace("_", "-"): v for name, v in headers.items()}}
            if raw is not None:
                sent.setdefault("Content-Type", "application/json")
            connection.request(method, path, raw, sent)
            return said(connection.getresponse())
        finally:
            connection.close()


def said(response: HTTPResponse) -> Said:
    raw = response.read()
    headers = {name.lower(): value for name, value in response.getheaders()}
    told = "json" in headers.get("content-type", "")
    return Said(response.status, headers, json.loads(raw) if told and raw else raw.decode() or None)


@dataclass(frozen=True)
class Sample:
    """A sample installation in a directory of its own, and what `demo --json` said of it."""

    directory: Path
    told: dict[str, Any]

    def token(self, name: str) -> str:
        found: str = self.told["tokens"][name]
        return found


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Sample:
    """The sample, of which whoever changes or serves it takes a copy; one for all processes.

    Its people sign in at little cost, hundreds of times: see `support.passwords`.
    """
    own = tmp_path_factory.getbasetemp()
    home = (own if worker_id == "master" else own.parent) / "sample"
    home.mkdir(exist_ok=True)
    directory, told = home / "data", home / "told.json"
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            done = subprocess.run(
                [COUNTERFOIL, "demo", "--json", "--data-dir", str(directory)],
                check=True,
                capture_output=True,
                text=True,
            )
            people = json.loads(done.stdout)["people"]
            cheapen(directory / "office.sqlite", {one["email"]: one["password"] for one in people})
            told.write_text(done.stdout)
    return Sample(directory, json.loads(told.read_text()))
