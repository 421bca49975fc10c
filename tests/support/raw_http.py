"""HTTP by hand: bytes to a socket and back, for what no client library would send."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Heard:
    """One answer, as it came."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)


def say(
    port: int, raw: bytes, *, timeout: float = 10, shut: bool = False, source: str = "127.0.0.1"
) -> Heard:
    """Send these bytes, from an address of this machine's own, and read one answer."""
    with socket.create_connection(("127.0.0.1", port), timeout, (source, 0)) as line:
        line.sendall(raw)
        if shut:
            line.shutdown(socket.SHUT_WR)
        return hear(line, raw.startswith(b"HEAD"))


def hear(line: socket.socket, bodiless: bool = False) -> Heard:  # noqa: FBT001, FBT002
    """Read one answer from a connection."""
    got = b""
    while b"\r\n\r\n" not in got:
        piece = line.recv(65_536)
        if not piece:
            break
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = [(name.lower(), value) for name, value in (line.split(": ", 1) for line in lines)]
    length = int(dict(headers).get("content-length", "0"))
    while not bodiless and len(body) < length:
        piece = line.recv(65_536)
        if not piece:
            break
        body += piece
    return Heard(int(first.split()[1]), headers, body)


def ask(
    port: int, method: str, path: str, *headers: str, body: bytes = b"", host: str = "localhost"
) -> Heard:
    """Send a plain request with these header lines besides."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return say(port, "\r\n".join([*lines, "", ""]).encode("latin-1") + body)
