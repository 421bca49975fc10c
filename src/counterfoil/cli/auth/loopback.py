"""Signing in by a browser: authorization code with PKCE, caught on a port of this machine.

RFC 8252 §7.3 (loopback redirect), RFC 7636 (PKCE, S256), RFC 9207 (which server answered).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import webbrowser
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output import note, printable
from counterfoil.client import Client, SessionTokens
from counterfoil.client.credential import CLI_CLIENT
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.entropy import Entropy, system_entropy

_PATIENCE_S: Final = 300.0
_GLANCE_S: Final = 1.0
_BYTES: Final = 32
_FRESH_S: Final = 300
"""A browser that was signed in longer ago asks for the password again: who signs in here may be
about to mint, for which a proof must be at most 15 minutes old."""
_PAGE: Final = (
    "<!doctype html><meta charset=utf-8><title>Counterfoil</title>"
    "<p style='font:16px system-ui;margin:4em'>You may close this page and go back to the terminal."
)

Answered = dict[str, str]


def sign_in(
    client: Client, *, browse: bool = True, entropy: Entropy = system_entropy
) -> SessionTokens:
    """Return the session of whoever signs in at the client's server.

    Raises:
        Stop: exit 4 if they do not, or if the answer is not to our question.
    """
    state, verifier = _random(entropy), _random(entropy)
    with _Catcher() as catcher:
        redirect = f"http://127.0.0.1:{catcher.server_port}/callback"
        address = f"{client.url}/oauth/authorize?" + urlencode(
            {
                "response_type": "code",
                "client_id": CLI_CLIENT,
                "redirect_uri": redirect,
                "state": state,
                "code_challenge": challenge(verifier),
                "code_challenge_method": "S256",
                "max_age": str(_FRESH_S),
            }
        )
        note("Open this to sign in:" if not browse else "Your browser opens; if not, open this:")
        note(f"  {address}")
        if browse:
            # A browser in the foreground would wait for our answer, and we for the browser.
            Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        answered = catcher.wait(state)
    if "error" in answered:
        said = printable(answered.get("error_description") or answered["error"])
        raise Stop(Exit.UNAUTHENTICATED, f"Signing in was refused: {said}")
    if answered.get("iss") != client.url:
        # Another server may have sent the browser on to one that we did not ask (RFC 9207).
        said = printable(answered.get("iss") or "nobody")
        raise Stop(
            Exit.UNAUTHENTICATED,
            f"The answer came from {said}, not from {client.url}: nothing was sent there",
        )
    return client.redeem(answered.get("code", ""), verifier, redirect, CLI_CLIENT)


def challenge(verifier: str) -> str:
    """Return the S256 challenge for a verifier (RFC 7636 §4.2)."""
    return _base64(hashlib.sha256(verifier.encode("ascii")).digest())


def _random(entropy: Entropy) -> str:
    return _base64(entropy(_BYTES))


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class _Catcher(HTTPServer):
    """Listens on a free loopback port until the answer to one question arrives."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.timeout = _GLANCE_S
        self.state = ""
        self.answered: Answered | None = None

    def wait(self, state: str) -> Answered:
        """Return the parameters of the callback that carries our state."""
        self.state = state
        end = system_clock.seconds() + _PATIENCE_S
        while self.answered is None:
            if system_clock.seconds() > end:
                raise Stop(Exit.UNAUTHENTICATED, "Nobody signed in within five minutes")
            self.handle_request()
        return self.answered


class _Handler(BaseHTTPRequestHandler):
    """Takes the callback; whatever else knocks gets a 404 and changes nothing."""

    server: _Catcher
    timeout = 5.0

    def do_GET(self) -> None:
        """Take the answer, if it is to our question."""
        target = urlsplit(self.path)
        given = {name: values[0] for name, values in parse_qs(target.query).items()}
        ours = hmac.compare_digest(given.get("state", "").encode(), self.server.state.encode())
        if target.path != "/callback" or not ours:
            self.send_error(404)
            return
        self.server.answered = given
        body = _PAGE.encode()
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        self.send_header("cache-control", "no-store")
        self.send_header("referrer-policy", "no-referrer")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        """Log nothing: the code stands in the address."""
