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
from typing import Any
from urllib.parse import urlsplit

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
WHOLE = HALF.replace(b"90\r\n\r\n{", b"2\r\n\r\n{}")


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
        status, headers, _ = self.send(method, path, raw, {"content-type": "application/json"})
        return status, headers

    def send(
        self, method: str, path: str, raw: str | bytes | None, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of one answer through the proxy."""
        with closing(HTTPSConnection(NAME, timeout=30, context=self.trust)) as connection:
            connection.sock = self.knock()
            connection.request(method, path, raw, headers)
            answer = connection.getresponse()
            body = answer.read()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, named, body

    def json(self, token: str, path: str, body: object | None = None) -> Any:
        """Return what is answered to the bearer of a token, who sends a body or only asks."""
        raw = None if body is None else json.dumps(body)
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        status, _, told = self.send("POST" if body else "GET", path, raw, headers)
        assert status in {200, 201}, told
        return json.loads(told)["data"]


@pytest.fixture(scope="module")
def configuration() -> str:
    """Return the one nginx block of the page."""
    (block,) = [one for one in blocks(PAGE) if one.language == "nginx"]
    return "\n".join(block.lines)


@pytest.fixture
def behind(configuration: str, data_dir: Path, tmp_path: Path) -> Iterator[Behind]:
    """Return the page's nginx before a server with few threads; only paths and ports are ours."""
    pem, key = certificate(tmp_path, NAME)
    environment = {
        "COUNTERFOIL_BASE_URL": f"https://{NAME}",
        "COUNTERFOIL_TRUSTED_PROXIES": "127.0.0.1",
        "COUNTERFOIL_THREADS": str(THREADS),
    }
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
    assert "export COUNTERFOIL_TRUSTED_PROXIES=127.0.0.1" in typed
    assert any(re.search(r"counterfoil serve ", one) for one in typed)


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


@pytest.mark.slow
def test_files_pass_the_proxy(behind: Behind, sample: dict[str, Any]) -> None:
    """A file much larger than any other body is uploaded through the page's proxy."""
    manager = sample["tokens"]["manager"]
    asked = {"data": {"type": "upload_request", "attributes": {}}}
    address = behind.json(manager, "/cma/upload_requests", asked)["attributes"]["url"]
    assert address.startswith(f"https://{NAME}/")
    status, _, told = behind.send("PUT", urlsplit(address).path, b"x" * (3 << 20), {})
    assert status == 204, told


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/cma%2Ftoken", "/cma%2ftoken", "/cma%5Ctoken?a=b"])
def test_an_encoded_slash_does_not_pass_the_proxy(
    behind: Behind, sample: dict[str, Any], path: str
) -> None:
    """The page's proxy refuses in a path what is a slash to the server (S34)."""
    bearer = {"authorization": f"Bearer {sample['tokens']['manager']}"}
    assert behind.send("GET", path, None, bearer)[0] == 400
    status, _, _ = behind.send("GET", "/cma/nodes?filter[path]=%2Fsite", None, bearer)
    assert status == 200


@pytest.mark.slow
def test_no_double_of_a_header_passes_the_proxy(behind: Behind, sample: dict[str, Any]) -> None:
    """Nobody puts another address on record, nor acts elsewhere, by an underscore (S42, S51)."""
    manager = sample["tokens"]["manager"]
    forged = {"X_Forwarded_For": "203.0.113.9", "x-forwarded-for": "203.0.113.9",
              "Counterfoil_Organization": "1234567890123456"}  # fmt: skip
    bearer = {"authorization": f"Bearer {manager}"}
    status, _, _ = behind.send("GET", "/cma/item-types/1234567890123456", None, bearer | forged)
    assert status == 404
    (newest, *_) = behind.json(manager, "/cma/audit_events?filter[operation]=content_type.show")
    assert newest["attributes"]["address"] == "127.0.0.1"


def stall(knock: Callable[[], socket.socket], stack: ExitStack, host: str) -> None:
    """Begin as many uploads as would fill every place at the server, and go on with none."""
    for _ in range(STALLED):
        stack.enter_context(knock()).sendall(HALF % host.encode())


@pytest.mark.slow
def test_stalled_bodies_reach_the_proxy_alone(behind: Behind) -> None:
    """Half bodies that fill every place for them at the server fill none behind the proxy (R18)."""

    def knock_at_the_server() -> socket.socket:
        return socket.create_connection(("127.0.0.1", behind.port), 1)

    def is_held() -> bool:
        with knock_at_the_server() as waiting:
            waiting.sendall(WHOLE % b"localhost")
            try:
                return b" 503 " in waiting.recv(64)
            except TimeoutError:
                return True

    with ExitStack() as stack:
        stall(behind.knock, stack, NAME)
        for _ in range(STALLED):
            assert behind.ask("GET", "/readyz")[0] == 200
        with behind.knock() as line:
            line.sendall(WHOLE % NAME.encode())
            assert b" 4" in line.recv(64)
    with ExitStack() as stack:
        stall(knock_at_the_server, stack, "localhost")
        wait_until(is_held, "the server to be held without the proxy")
