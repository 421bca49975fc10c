"""Somebody who signs in as the command line does, at an office in this process."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from werkzeug.test import Client

from counterfoil.cli.auth.loopback import challenge
from counterfoil.client.credential import CLI_CLIENT

_REDIRECT: Final = "http://127.0.0.1:9/callback"
_VERIFIER: Final = "v" * 43


def sign_in(wsgi: Any, email: str, password: str) -> str:
    """Sign in; return the session's token."""
    browser = Client(wsgi)
    known = {"email": email, "password": password}
    assert browser.post("/signin", json=known).status_code == 204
    question = {
        "response_type": "code",
        "client_id": CLI_CLIENT,
        "redirect_uri": _REDIRECT,
        "state": "s",
        "code_challenge": challenge(_VERIFIER),
        "code_challenge_method": "S256",
    }
    went = browser.get(f"/oauth/authorize?{urlencode(question)}").headers["location"]
    form = {
        "grant_type": "authorization_code",
        "client_id": CLI_CLIENT,
        "code": parse_qs(urlsplit(went).query)["code"][0],
        "code_verifier": _VERIFIER,
        "redirect_uri": _REDIRECT,
    }
    told: Any = browser.post("/oauth/token", data=form).get_json()
    return str(told["access_token"])
