"""What arrives at an API behind a proxy, seen once before the proxy is measured.

A proxy that asks nobody, or tells the API nothing, would be quick, and its figure a lie.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Final

from bench.shop import A_PASS

_FORGED: Final = "usr_9999999999999999"
_PATIENCE_S: Final = 10.0
_NO_CONTENT: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_IDENTITY: Final = {name: value for name, value in A_PASS if name.startswith("Counterfoil-")}
_ALWAYS_ANOTHER: Final = "Counterfoil-Request-Id"
_REFUSED: Final = 401
_PASSED: Final = 200


class UnprotectedError(Exception):
    """A proxy does not protect what is about to be measured behind it."""


def require_protected(proxy: int, api: int, token: str) -> None:
    """Return if the API hears who sent a request, by the gate's word alone; else raise.

    Args:
        proxy: the port of a proxy that asks the gate.
        api: the port where it thinks the API to be, on which nobody listens yet.
        token: one that may read `/items/1`.

    Raises:
        UnprotectedError: naming what is not so.
    """
    with _listening(api) as heard:
        if _ask(proxy) != _REFUSED or heard:
            raise UnprotectedError("a request without a token is let through")
        if (
            _ask(proxy, f"Authorization: Bearer {token}", f"Counterfoil-Subject: {_FORGED}")
            != _PASSED
        ):
            raise UnprotectedError("a good token is turned away")
    [said] = heard
    if not said.pop(_ALWAYS_ANOTHER.lower(), [""])[0]:
        raise UnprotectedError(f"{_ALWAYS_ANOTHER} does not arrive")
    for name, value in _IDENTITY.items():
        if name != _ALWAYS_ANOTHER and said.get(name.lower(), [""]) != [value]:
            raise UnprotectedError(f"{name} arrives as {said.get(name.lower())}")
    if "authorization" in said:
        raise UnprotectedError("the token itself arrives")


def _ask(port: int, *headers: str) -> int:
    lines = ("GET /items/1 HTTP/1.1", "Host: api.test", "Connection: close", *headers, "", "")
    with socket.create_connection(("127.0.0.1", port), _PATIENCE_S) as line:
        line.sendall("\r\n".join(lines).encode())
        return int(line.recv(65_536).split(b" ", 2)[1])


@contextmanager
def _listening(port: int) -> Iterator[list[dict[str, list[str]]]]:
    """Answer as the API until the end of the block; hand out the headers that arrive, by name."""
    heard: list[dict[str, list[str]]] = []
    with socket.create_server(("127.0.0.1", port)) as server:
        Thread(target=_serve, args=(server, heard), daemon=True).start()
        yield heard
        server.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket, heard: list[dict[str, list[str]]]) -> None:
    while True:
        try:
            line, _ = server.accept()
        except OSError:  # the block has ended
            return
        with line:
            line.settimeout(_PATIENCE_S)
            raw = b""
            while b"\r\n\r\n" not in raw and (more := line.recv(65_536)):
                raw += more
            said: dict[str, list[str]] = {}
            for one in raw.decode("latin-1").partition("\r\n\r\n")[0].split("\r\n")[1:]:
                name, _, value = one.partition(":")
                said.setdefault(name.lower(), []).append(value.strip())
            heard.append(said)
            line.sendall(_NO_CONTENT)
