"""What stands between our server and a real OpenID provider, and changes one thing that passes."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from infra.openid_provider import providing, told_of
from infra.server import Server
from infra.wait import free_port

Claims = dict[str, Any]
Query = dict[str, str]

KID = "of the provider"
_OWN_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


def unchanged(said: dict[str, Any]) -> dict[str, Any]:
    """Say what the provider said."""
    return said


@dataclass
class Between:
    """Passes on what it is asked to the provider, and what that answers back.

    An ID token that passes is taken apart, and signed again with the provider's own key. What a
    test changes of it holds until it changes it back.

    Attributes:
        key: the provider's own, private half and all.
        says: what the ID token claims instead.
        signs: how that is signed; None for as the provider does.
        sends: with what the browser comes back to us instead.
        signed: how many ID tokens have passed.
    """

    key: RSAKey
    says: Callable[[Claims], Claims] = unchanged
    signs: Callable[[Claims], str] | None = None
    sends: Callable[[Query], Query] = unchanged
    signed: int = field(default=0, init=False)

    def sign(self, claims: Claims, **header: Any) -> str:
        """Sign claims as the provider does, or by another header."""
        told = {"alg": "RS256", "kid": KID, **header}
        return jwt.encode(told, claims, self.key, algorithms=[told["alg"]])

    def token_answer(self, raw: bytes) -> bytes:
        """Return an answer of the token endpoint with another ID token in it."""
        told = json.loads(raw)
        body = told["id_token"].split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        self.signed += 1
        told["id_token"] = (self.signs or self.sign)(self.says(claims))
        return json.dumps(told).encode()

    def location(self, address: str, callback: str) -> str:
        """Return where a redirect leads, if it leads back to us."""
        if not address.startswith(callback):
            return address
        query = self.sends(dict(parse_qsl(urlsplit(address).query)))
        return f"{callback}?{urlencode(query)}"


@contextmanager
def serving_with_between(data: Path, more: str = "") -> Iterator[tuple[Server, Between]]:
    """Serve an installation that knows a provider as Acme, and reaches it through a `Between`."""
    between = Between(RSAKey.generate_key(2048, {"kid": KID, "use": "sig", "alg": "RS256"}))
    here, there = free_port(), free_port()
    issuer = f"http://127.0.0.1:{here}"
    keys = json.dumps({"keys": [between.key.as_dict(private=True)]})
    with (
        told_of(data, issuer, more) as server,
        providing(there, issuer, server, data.parent, keys),
        _passing(between, here, there, f"{server.url}/signin/oidc/acme/callback"),
    ):
        yield server, between


@contextmanager
def _passing(between: Between, here: int, there: int, callback: str) -> Iterator[None]:
    class Passing(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            connection = HTTPConnection("127.0.0.1", there, timeout=20)
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            asked = {n: v for n, v in self.headers.items() if n.lower() not in _OWN_HOP}
            connection.request(self.command, self.path, body or None, asked)
            self._answer(connection.getresponse())
            connection.close()

        do_POST = do_GET  # noqa: N815 - the library calls it so

        def _answer(self, told: HTTPResponse) -> None:
            raw = told.read()
            if self.path == "/token" and told.status == 200:
                raw = between.token_answer(raw)
            self.send_response(told.status)
            for name, value in told.getheaders():
                if name.lower() == "location":
                    self.send_header(name, between.location(value, callback))
                elif name.lower() not in _OWN_HOP:
                    self.send_header(name, value)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", here), Passing) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
