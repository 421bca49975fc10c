"""Standing in for an API: what a proxy passes on to it is seen by nobody else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from counterfoil.cli.exits import Exit, Stop

_OURS: Final = "counterfoil-"


class Arrivals:
    """The headers of every request that arrived."""

    def __init__(self) -> None:
        self._seen: list[tuple[tuple[str, str], ...]] = []

    def note(self, headers: tuple[tuple[str, str], ...]) -> None:
        """Add a request."""
        self._seen.append(headers)

    def __len__(self) -> int:
        return len(self._seen)

    def said_last(self) -> list[str]:
        """Return the names of the headers by which the last request says who sent it."""
        seen = self._seen[-1] if self._seen else ()
        return sorted(name for name, value in seen if value and name.lower().startswith(_OURS))

    def values_of(self, name: str) -> list[str]:
        """Return all values that a header arrived with; the name in small letters."""
        return [value for seen in self._seen for key, value in seen if key.lower() == name]

    def names_of(self, word: str) -> list[str]:
        """Return the names of the headers that a word arrived in, each once."""
        return sorted({name for seen in self._seen for name, value in seen if word in value})


@contextmanager
def standing_in(address: str) -> Iterator[Arrivals]:
    """Answer each GET at an address of this machine, `HOST:PORT`, with 200 and nothing else.

    Raises:
        Stop: it is no address, or somebody listens there.
    """
    host, _, port = address.rpartition(":")
    if not host or not (port.isascii() and port.isdigit() and int(port) < 1 << 16):
        raise Stop(Exit.USAGE, "--stand-in is where the API listens: 127.0.0.1:8000")
    arrivals = Arrivals()
    try:
        server = ThreadingHTTPServer((host.strip("[]"), int(port)), _answering(arrivals))
    except OSError as error:
        raise Stop(
            Exit.USAGE, f"--stand-in {address}: {error.strerror}. Stop the API for so long."
        ) from None
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield arrivals
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answering(arrivals: Arrivals) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            arrivals.note(tuple(self.headers.items()))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
