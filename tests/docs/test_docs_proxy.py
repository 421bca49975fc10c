"""The proxy page: its configuration in a real nginx, before the real server."""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path

import pytest

from docs.pages import ROOT, blocks, commands
from infra.nginx import certificate, nginx, trusting
from infra.server import serving
from infra.wait import free_port, wait_until

NAME = "tokens.example.com"
PAGE = (ROOT / "docs" / "how-to" / "behind-a-proxy.md").read_text()
THREADS = 2
STALLED = 12
HALF = (
    b"POST /signin HTTP/1.1\r\nHost: %b\r\nContent-Type: application/json\r\n"
    b"Content-Length: 90\r\n\r\n{"
)


@dataclass(frozen=True)
class Behind:
    """A server, the proxy before it, and what trusts the proxy."""

    port: int
    proxy: int
    trust: ssl.SSLContext

    def knock(self) -> socket.socket:
        """Return a connection to the proxy as who asks for its name."""
        plain = socket.create_connection(("127.0.0.1", self.proxy), 10)
        return self.trust.wrap_socket(plain, server_hostname=NAME)

    def ask(self, method: str, path: str, body: object | None = None) -> tuple[int, dict[str, str]]:
        """Return status and headers of one answer through the proxy."""
        raw = None if body is None else json.dumps(body)
        with closing(HTTPSConnection(NAME, timeout=10, context=self.trust)) as connection:
            connection.sock = self.knock()
            connection.request(method, path, raw, {"content-type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}


@pytest.fixture(scope="module")
def configuration() -> str:
    """Return the one nginx block of the page."""
    (block,) = [one for one in blocks(PAGE) if one.language == "nginx"]
    return "\n".join(block.lines)


@pytest.fixture
def behind(configuration: str, data_dir: Path, tmp_path: Path) -> Iterator[Behind]:
    """Return the page's nginx before a server with few threads; only paths and ports are ours."""
    pem, key = certificate(tmp_path, NAME)
    environment = {"COUNTERFOIL_BASE_URL": f"https://{NAME}", "COUNTERFOIL_THREADS": str(THREADS)}
    with serving(data_dir, "--workers", "1", env=environment) as server:
        proxy = free_port()
        replaced: list[tuple[str, str]] = [
            ("listen 443 ssl", f"listen 127.0.0.1:{proxy} ssl"),
            (f"/etc/ssl/{NAME}.pem", str(pem)),
            (f"/etc/ssl/{NAME}.key", str(key)),
            ("http://127.0.0.1:8400", server.url),
        ]
        for shown, real in replaced:
            assert configuration.count(shown) == 1, shown
            configuration = configuration.replace(shown, real)
        with nginx(tmp_path, configuration, proxy):
            yield Behind(server.port, proxy, trusting(pem))


def test_the_page_sets_what_the_test_sets() -> None:
    """The address that the page gives the server is the one under which the test asks for it."""
    typed = [one.command for one in commands(PAGE, "ann")]
    assert f"export COUNTERFOIL_BASE_URL=https://{NAME}" in typed
    assert re.search(r"counterfoil serve ", typed[-1])


@pytest.mark.slow
def test_people_sign_in_through_the_proxy(
    behind: Behind, people: dict[str, tuple[str, str]]
) -> None:
    """Through the proxy the server knows its own name, and its cookie is for TLS alone."""
    email, password = people["ann"]
    status, headers = behind.ask("POST", "/signin", {"email": email, "password": password})
    assert status == 204
    assert "; Secure" in headers["set-cookie"]
    status, _ = behind.ask("GET", "/readyz")
    assert status == 200


def stall(knock: Callable[[], socket.socket], stack: ExitStack, host: str) -> None:
    """Begin as many uploads as would hold every thread of the server, and go on with none."""
    for _ in range(STALLED):
        stack.enter_context(knock()).sendall(HALF % host.encode())


@pytest.mark.slow
def test_stalled_bodies_reach_the_proxy_alone(behind: Behind) -> None:
    """Half bodies that hold every thread of the server hold none behind the proxy (R18)."""

    def knock_at_the_server() -> socket.socket:
        return socket.create_connection(("127.0.0.1", behind.port), 1)

    def is_held() -> bool:
        with knock_at_the_server() as waiting:
            waiting.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            try:
                return not waiting.recv(1)
            except TimeoutError:
                return True

    with ExitStack() as stack:
        stall(behind.knock, stack, NAME)
        for _ in range(STALLED):
            assert behind.ask("GET", "/readyz")[0] == 200
    with ExitStack() as stack:
        stall(knock_at_the_server, stack, "localhost")
        wait_until(is_held, "the server to be held without the proxy")
