"""A gateway in this process, and the ways in which proxies and programs ask it."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from counterfoil.gate.replica import Replica
from counterfoil.gateway.doors import Gateway
from support.office import StandingClock
from support.shop import SHOP


@dataclass
class Told:
    """An answer of the gateway."""

    status: str
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        said = self.headers.get("Counterfoil-Error") or self.body
        return str(json.loads(said)["errors"][0]["code"])


@dataclass
class House:
    """A gateway in this process, and the books that it reads."""

    gateway: Gateway
    replica: Replica
    home: Path
    clock: StandingClock

    def ask(self, path: str, method: str = "GET", body: bytes | str = b"", **headers: str) -> Told:
        raw = body if isinstance(body, bytes) else body.encode()
        said: list[Any] = []
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path.partition("?")[0],
            "QUERY_STRING": path.partition("?")[2],
            "wsgi.input": io.BytesIO(raw),
            **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
        }
        [told] = self.gateway(environ, lambda *line: said.extend(line))
        assert len(dict(said[1])) == len(said[1])
        return Told(said[0], dict(said[1]), told)

    def nginx(self, method: str, target: str, token: str | None = None, **headers: str) -> Told:
        """Ask as our nginx does."""
        if token is not None:
            headers["authorization"] = f"Bearer {token}"
        original = {"x_original_method": method, "x_original_uri": target}
        return self.ask(f"/authz/nginx/api_{SHOP}", **headers, **original)
