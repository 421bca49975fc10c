"""A small HTTP server that answers what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Heard:
    """One request; header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Says:
    """One answer. A status of 0 hangs up instead."""

    status: int = 200
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)


Answering = Callable[[Heard], Says]


@dataclass
class StandIn:
    """A server on a loopback port; `says` may be replaced while it runs.

    Where one signs in it says by itself that one does (RFC 8414), and remembers nothing of that.
    """

    says: Answering
    port: int = 0
    signs_in: bool = False
    heard: list[Heard] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def script(self, *answers: Says) -> None:
        """Give these answers in turn, and the last one ever after."""
        left = list(answers)
        self.says = lambda _heard: left.pop(0) if len(left) > 1 else left[0]


@contextmanager
def standing_in(says: Answering = lambda _heard: Says(404, {})) -> Iterator[StandIn]:
    """Run a stand-in for as long as the block takes."""
    stand_in = StandIn(says)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            heard = Heard(self.command, self.path, headers, self.rfile.read(length))
            if stand_in.signs_in and heard.target == "/.well-known/oauth-authorization-server":
                said = Says(200, {"issuer": stand_in.url})
            else:
                stand_in.heard.append(heard)
                said = stand_in.says(heard)
            if not said.status:
                self.close_connection = True
                return
            raw = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_any  # noqa: N815 - http.server's

        def log_message(self, *_said: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stand_in.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
