"""A listener of the gateway's make with an answer of its own, and lines to it by hand."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from counterfoil.gateway.listener import Listener
from counterfoil.kernel.clock import system_clock
from support.raw_http import Heard

Answer = tuple[str, list[tuple[str, str]], bytes]
LENGTH = "Content-Length"


def told(environ: dict[str, Any]) -> Answer:
    """Say what was asked; at some addresses, what nobody should."""
    path = environ["PATH_INFO"]
    if path == "/broken":
        raise LookupError
    if path == "/split":
        return "200 OK", [(LENGTH, "0"), ("X-Name", "a\r\nX-Other: b")], b""
    if path == "/wide":
        return "200 OK", [(LENGTH, "0"), ("X-Name", "\u20ac")], b""
    asked = {key: one for key, one in environ.items() if isinstance(one, str)}
    body = json.dumps({**asked, "body": len(environ["wsgi.input"].read())}).encode()
    return "200 OK", [(LENGTH, str(len(body)))], body


class Asked:
    """Answers what is asked in one way."""

    def __init__(self, ask: Callable[[dict[str, Any]], Answer]) -> None:
        self.answer = ask
        self.behind = 0

    def takes_body(self, path: str) -> bool:
        return path != "/bare"

    def is_behind(self, environ: dict[str, Any]) -> bool:
        """Be behind for so many looks where somebody asks for more than there is."""
        if "HTTP_COUNTERFOIL_AT_LEAST" not in environ:
            return False
        self.behind -= 1
        return self.behind >= 0


@contextmanager
def served(
    most: int = 64, ask: Callable[[dict[str, Any]], Answer] = told, asked: Asked | None = None
) -> Iterator[int]:
    """Serve at a port until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        loop, begun = asyncio.new_event_loop(), threading.Event()
        ends = asyncio.Event()
        loop.call_soon(begun.set)
        serving = Listener(listening, asked or Asked(ask), system_clock, most).serve(ends)
        thread = threading.Thread(target=loop.run_until_complete, args=(serving,))
        thread.start()
        try:
            assert begun.wait(10)
            yield port
        finally:
            loop.call_soon_threadsafe(ends.set)
            thread.join()
            loop.close()


def opened(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), 10)


def all_of(line: socket.socket) -> bytes:
    """Read until the other side ends."""
    got = b""
    while piece := line.recv(65_536):
        got += piece
    return got


def amid(port: int) -> socket.socket:
    """Send all of a request but its end, to whom that has come."""
    line = opened(port)
    line.sendall(b"POST /half HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n")
    line.sendall(b"Connection: close\r\n\r\n")
    assert line.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    return line


def heard_each(line: socket.socket, many: int) -> list[Heard]:
    """Read answers that come one after another, each as a whole."""
    found = []
    with line.makefile("rb") as file:
        for _ in range(many):
            status = int(file.readline().split()[1])
            headers = []
            while (one := file.readline().decode().rstrip("\r\n")) != "":
                name, _, value = one.partition(": ")
                headers.append((name.lower(), value))
            length = int(dict(headers)["content-length"])
            found.append(Heard(status, headers, file.read(length)))
    return found
