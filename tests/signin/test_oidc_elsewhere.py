"""Asking a provider's servers leads nowhere but to them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from counterfoil.runtime.openid.elsewhere import Elsewhere
from counterfoil.runtime.provider import Unreachable

HOME = "https://login.acme.test"
PUBLIC = "93.184.215.14"


class Answers(BaseHTTPRequestHandler):
    """Answers as its address says."""

    def do_GET(self) -> None:
        bodies = {
            "/good": b'{"a": 1}',
            "/list": b"[1]",
            "/none": b"\xff",
            "/much": b'"' + b"x" * 600_000 + b'"',
            "/deep": b"[" * 100_000,
        }
        status = 302 if self.path == "/away" else 404 if self.path == "/lost" else 200
        body = bodies.get(self.path, b"{}")
        self.send_response(status)
        self.send_header("Location", "/good")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def here() -> Iterator[str]:
    """A server of this machine, by its own name."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


def test_a_good_answer_is_an_object(here: str) -> None:
    """An object comes back as it is."""
    assert Elsewhere(here).get(f"{here}/good") == {"a": 1}
    assert Elsewhere(here).get(f"{here.replace('localhost', '127.0.0.1')}/good") == {"a": 1}


@pytest.mark.parametrize("path", ["/away", "/lost", "/list", "/none", "/much", "/deep"])
def test_any_other_answer_is_none(here: str, path: str) -> None:
    """A redirect, a failure, no object, and too much of anything: nothing is read of it (S48)."""
    with pytest.raises(Unreachable):
        Elsewhere(here).get(f"{here}{path}")


def test_nobody_there_is_no_answer() -> None:
    """A port at which nobody listens is a provider that is silent."""
    with pytest.raises(Unreachable, match="no connection"):
        Elsewhere("http://127.0.0.1:1").get("http://127.0.0.1:1/")


@pytest.mark.parametrize(
    ("url", "addresses"),
    [
        ("https://metadata.test/", ["169.254.169.254"]),
        ("https://login.acme.test/", ["169.254.169.254"]),
        ("https://login.acme.test/", ["127.0.0.1"]),
        ("https://login.acme.test/", ["::1"]),
        ("https://login.acme.test/", ["::"]),
        ("https://elsewhere.test/", ["10.0.0.1"]),
        ("https://elsewhere.test/", ["192.168.1.1"]),
        ("https://elsewhere.test/", ["fd00::1"]),
        ("https://elsewhere.test/", ["::ffff:10.0.0.1"]),
        ("https://elsewhere.test/", ["100.64.0.1"]),
        ("https://elsewhere.test/", ["64:ff9b::a00:1"]),
        ("https://elsewhere.test/", ["fec0::1"]),
        ("https://elsewhere.test/", [PUBLIC, "10.0.0.1"]),
        ("https://elsewhere.test/", []),
        ("https://127.0.0.1/", ["127.0.0.1"]),
        ("http://login.acme.test/", [PUBLIC]),
        ("http://localhost/", ["127.0.0.1"]),
        ("ftp://login.acme.test/", [PUBLIC]),
        ("https://user@login.acme.test/", [PUBLIC]),
        ("https://login.acme.test/#part", [PUBLIC]),
        ("https://login.acme.test:port/", [PUBLIC]),
        ("https:///", [PUBLIC]),
        ("file:///etc/passwd", [PUBLIC]),
        ("https://[::1", [PUBLIC]),
        ("https://ü.test/", [PUBLIC]),
    ],
)
def test_an_address_of_the_inside_is_not_asked(url: str, addresses: list[str]) -> None:
    """Neither this machine nor its networks are asked because a provider names them (S48)."""
    with pytest.raises(Unreachable, match=r"not asked|over TLS|is none"):
        Elsewhere(HOME, lambda _host, _port: addresses).get(url)


def test_a_name_is_looked_up_once(here: str) -> None:
    """What was judged is what is connected to: a name that changes later leads nowhere (S48)."""
    looked: list[str] = []

    def look(host: str, _port: int) -> list[str]:
        looked.append(host)
        return ["127.0.0.1"] if len(looked) == 1 else ["169.254.169.254"]

    asked = Elsewhere(here, look)
    assert asked.get(f"{here}/good") == {"a": 1}
    assert looked == ["localhost"]


def test_a_private_network_may_be_the_providers_own() -> None:
    """An operator's provider may stand in a private network: it is tried, and silent here."""
    asked = Elsewhere("https://login.acme.test:1", lambda _host, _port: ["198.18.0.1"])
    with pytest.raises(Unreachable, match="does not answer"):
        asked.get("https://login.acme.test:1/")
