"""A server of somebody else, over TLS, that is told things: it keeps them and answers as asked."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from standardwebhooks import Webhook

from counterfoil.runtime.outward import Outward
from counterfoil.runtime.variables import Network, networks
from infra.nginx import certificate, trusting

NAME: Final = "hooks.example.com"
HERE: Final[tuple[Network, ...]] = networks({"COUNTERFOIL_X": "127.0.0.0/8"}, "X")
OK: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass(frozen=True)
class Heard:
    """One request, with its headers by lower-case name."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The id of the message."""
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> Any:
        """Return what it says, if that is signed with a secret: by somebody else's library."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """What it was told, and how it answers: `answer` gets each line in turn, open, to write to."""

    port: int
    trust: ssl.SSLContext
    heard: list[Heard] = field(default_factory=list)
    answer: Callable[[ssl.SSLSocket], None] = lambda line: line.sendall(OK)
    looked_up: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is told."""
        return f"https://{NAME}:{self.port}/hook?to=us"

    def says(self, head: bytes) -> None:
        """Have it answer this."""
        self.answer = lambda line: line.sendall(head)

    def outward(self, *answers: str, allowed: tuple[Network, ...] = HERE, **more: Any) -> Outward:
        """Return what trusts its certificate, and knows its name under these addresses."""

        def look(host: str, _port: int) -> list[str]:
            self.looked_up.append(host)
            return list(answers or ("127.0.0.1",))

        return Outward(allowed, look=look, tls=self.trust, **more)


@contextmanager
def receiver(here: Path) -> Iterator[Receiver]:
    """Run one on the loopback address."""
    pem, key = certificate(here, NAME)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem, key)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        told = Receiver(listening.getsockname()[1], trusting(pem))
        ended = threading.Event()
        thread = threading.Thread(target=_serve, args=(listening, tls, told, ended), daemon=True)
        thread.start()
        yield told
        ended.set()
        with suppress(OSError), socket.create_connection(("127.0.0.1", told.port), 1):
            pass
        thread.join(10)


def _serve(
    listening: socket.socket, tls: ssl.SSLContext, told: Receiver, ended: threading.Event
) -> None:
    while True:
        plain, _ = listening.accept()
        if ended.is_set():
            plain.close()
            return
        plain.settimeout(10)
        with suppress(OSError), plain, tls.wrap_socket(plain, server_side=True) as line:
            told.heard.append(_read(line))
            told.answer(line)


def _read(line: ssl.SSLSocket) -> Heard:
    raw = b""
    while b"\r\n\r\n" not in raw:
        raw += line.recv(4096)
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *rest = head.decode("ascii").split("\r\n")
    headers = {name.lower(): value for name, _, value in (one.partition(": ") for one in rest)}
    while len(body) < int(headers["content-length"]):
        body += line.recv(4096)
    return Heard(first, headers, body)
