"""An API to protect: it answers what it was asked, and remembers it, as it came over the wire."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import parse_headers
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_LOOSE = re.compile("[^a-z0-9]")
"""What some readers make a hyphen or an underscore of."""


@dataclass(frozen=True)
class Seen:
    """A request that arrived."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]

    def values(self, name: str) -> list[str]:
        """Return all values of a name, as a reader sees them who heeds neither case nor sign."""
        plain = _LOOSE.sub("-", name.lower())
        return [value for key, value in self.headers if _LOOSE.sub("-", key.lower()) == plain]


@dataclass
class Echo:
    """Where it listens, and all that arrived."""

    port: int
    seen: list[Seen] = field(default_factory=list)


@contextmanager
def echo(port: int = 0) -> Iterator[Echo]:
    """Serve it on a port of this machine, a free one if none is named."""
    heard: list[Seen] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):
                return self.answer
            raise AttributeError(name)

        def answer(self) -> None:
            target = self.requestline.split(" ")[1]
            fields = [*self.headers.items(), *self.rest()]
            seen = Seen(self.command, target, tuple(fields))
            heard.append(seen)
            body = json.dumps({"method": seen.method, "target": seen.target}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if seen.method != "HEAD":
                self.wfile.write(body)

        def rest(self) -> list[tuple[str, str]]:
            """Read the body; return what stands behind it, which some take for headers."""
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                return []
            while size := int(self.rfile.readline().partition(b";")[0], 16):
                self.rfile.read(size + len(b"\r\n"))
            return parse_headers(self.rfile).items()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Echo(server.server_address[1], heard)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
