"""Connections that become something else: what a proxy that asked once lets a client go on with.

Whoever gets an API behind a proxy to speak HTTP/2 on a connection that the proxy only carries on
(`Upgrade: h2c`, RFC 7540 §3.2) sends it further requests about which no gate is asked.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from docs.pages import ROOT
from infra.accepting import accepting
from infra.nginx import nginx
from infra.proxies import BEFORE, snippet
from infra.wait import free_port, wait_until
from support.proxied import Live
from support.shop import SHOP

SETTINGS = "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"
PAGE = ROOT / "docs" / "how-to" / "protect-an-api.md"
FOR_WEBSOCKETS = (
    "proxy_set_header Upgrade websocket;",
    "proxy_set_header Connection upgrade;",
)
"""What the page has nginx say in a location for WebSockets."""
BEYOND = b"GET /admin HTTP/1.1\r\nHost: api.test\r\n\r\n"
OFFERS = {
    "h2c": ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", SETTINGS),
    "h2c, kept": ("Connection: Upgrade", "Upgrade: h2c", SETTINGS),
    "in capitals": ("Connection: upgrade", "Upgrade: H2C", SETTINGS),
    "named first": ("Connection: Upgrade", "Upgrade: h2c, websocket", SETTINGS),
    "named last": ("Connection: Upgrade", "Upgrade: websocket, h2c", SETTINGS),
    "two lines": ("Connection: Upgrade", "Upgrade: h2c", "Upgrade: websocket", SETTINGS),
    "two lines, turned": ("Connection: Upgrade", "Upgrade: websocket", "Upgrade: h2c", SETTINGS),
    "underscored": ("Connection: Upgrade", "Upgrade: h2c", "HTTP2_Settings: AAMAAABkAAQA"),
    "something else": ("Connection: Upgrade", "Upgrade: whatever/1.0"),
}


PASSED = {
    "caddy": {"websocket"},
    "envoy": set[str](),
    "nginx": set[str](),
    "traefik": {"websocket", "whatever/1.0"},
}
"""What an API behind each is offered at most; with none of it it speaks HTTP."""


@dataclass
class Eager:
    """An API that becomes whatever it is asked to, and all that it then heard."""

    port: int = 0
    offered: list[str] = field(default_factory=list)
    beyond: bytearray = field(default_factory=bytearray)


@contextmanager
def eager() -> Iterator[Eager]:
    """Serve it, a connection at a time."""
    api = Eager()

    def serve(line: socket.socket) -> None:
        line.settimeout(2)
        _answer(line, api)

    with accepting(serve) as api.port:
        yield api


def _answer(line: socket.socket, api: Eager) -> None:
    head = b""
    while b"\r\n\r\n" not in head:
        piece = line.recv(65_536)
        if not piece:
            return
        head += piece
    fields = [one.partition(":") for one in head.decode("latin-1").split("\r\n")[1:]]
    offers = [value.strip() for name, _, value in fields if name.lower() == "upgrade"]
    api.offered += offers
    if not offers:
        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        return
    said = f"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: {offers[0]}\r\n\r\n"
    line.sendall(said.encode("latin-1"))
    try:
        api.beyond += line.recv(65_536)
    except TimeoutError:
        return


def went_on(port: int, token: str, *lines: str) -> bool:
    """Ask for what the token may read, offer to become something else, and go on if it does."""
    head = ["GET /items/17 HTTP/1.1", "Host: api.test", f"Authorization: Bearer {token}", *lines]
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        line.sendall("\r\n".join([*head, "", ""]).encode())
        if not line.recv(65_536).startswith(b"HTTP/1.1 101"):
            return False
        line.sendall(BEYOND)
        line.shutdown(socket.SHUT_WR)
        line.recv(65_536)
        return True


@pytest.mark.parametrize("kind", sorted(BEFORE))
def test_no_connection_goes_on_past_the_gate(kind: str, live: Live, tmp_path: Path) -> None:
    """No API is offered HTTP/2 on a connection for which its proxy has asked once (S51)."""
    with (
        eager() as api,
        BEFORE[kind](tmp_path, gate=live.gate.port, api=api.port, id_=SHOP) as port,
    ):
        for lines in OFFERS.values():
            went_on(port, live.tokens.shelf, *lines)
            offered = {one.lower() for one in api.offered} - PASSED[kind]
            assert not offered, lines


@contextmanager
def nginx_for_websockets(here: Path, live: Live, api: int) -> Iterator[int]:
    port, line = free_port(), f"proxy_pass http://127.0.0.1:{api};"
    [site] = snippet("nginx", gate=live.gate.port, api=api, id_=SHOP, port=port)
    assert all(one in PAGE.read_text() for one in FOR_WEBSOCKETS)
    with nginx(here, site.replace(line, " ".join([*FOR_WEBSOCKETS, line])), port):
        yield port


@pytest.mark.parametrize("kind", ["caddy", "nginx", "traefik"])
def test_a_websocket_passes(kind: str, live: Live, tmp_path: Path) -> None:
    """Who may GET an address opens a WebSocket there, and nobody else; with nginx by the page."""
    with eager() as api, ExitStack() as running:
        before = (
            nginx_for_websockets(tmp_path, live, api.port)
            if kind == "nginx"
            else BEFORE[kind](tmp_path, gate=live.gate.port, api=api.port, id_=SHOP)
        )
        port = running.enter_context(before)
        assert went_on(port, live.tokens.shelf, "Connection: Upgrade", "Upgrade: websocket")
        wait_until(lambda: api.beyond == BEYOND, "the API to hear what came after")
        assert not went_on(port, live.tokens.expired, "Connection: Upgrade", "Upgrade: websocket")
        went_on(port, live.tokens.shelf, *OFFERS["h2c"])
        assert set(api.offered) == {"websocket"}
