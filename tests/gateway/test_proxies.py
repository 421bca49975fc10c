"""The configurations that we ship, each run by its own proxy in front of an API."""

from __future__ import annotations

import json
import runpy
from contextlib import suppress
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from docs.pages import ROOT, programs
from support.arrived import arrives_as_decided, arrives_named, names_nobody, plain
from support.gate import BEN
from support.proxied import Proxied
from support.raw_http import Heard, say
from support.shop import METADATA, SHOP
from support.smuggling import CASES, FAMILIES, FORGED, GOOD, Case
from tools.gate import CLAIMS

CLAIMED = (
    *("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix"),
    *("X-Forwarded-Proto", "X-Forwarded-Scheme", "X-Forwarded-Server", "X-Forwarded-Ssl"),
    *("X-Forwarded-User", "X-Original-Host", "X-Real-IP", "X-Script-Name", "Forwarded"),
)
"""What APIs believe of a proxy: from where a request came, what was asked, by whom."""

_BETWEEN = 25
"""After so many ambiguous requests a plain one is sent."""


def ask(proxied: Proxied, method: str, target: str, token: str | None = None, **more: str) -> Heard:
    headers = tuple((name.replace("_", "-"), value) for name, value in more.items())
    case = Case("", method, target, headers, presents=token is not None)
    return say(proxied.port, case.raw(token or ""))


def test_who_may_is_let_through_and_named(proxied: Proxied) -> None:
    """A good request arrives as it was sent, says who sent it, without the token (S51, S52)."""
    proxied.api.seen.clear()
    heard = ask(proxied, "GET", "/items/17?draft=%2f1", proxied.live.tokens.shelf)
    assert heard.status == 200
    assert heard.json == {"method": "GET", "target": "/items/17?draft=%2f1"}
    [seen] = proxied.api.seen
    arrives_named(seen)
    assert "".join(seen.values("Authorization")) == ""


def test_a_name_is_one_line_of_ascii(proxied: Proxied) -> None:
    """Whatever a token is called, its name arrives whole, escaped where it is no ASCII."""
    proxied.api.seen.clear()
    assert ask(proxied, "GET", "/items/18", proxied.live.tokens.reader).status == 200
    [name] = proxied.api.seen[0].values("Counterfoil-Token-Name")
    assert name == "caf%C3%A9 %E6%97%A5%E6%9C%AC, ci"


@pytest.mark.parametrize(
    ("request_", "token", "status", "code"),
    [
        ("GET /items/17", None, 401, "MISSING_AUTHORIZATION_HEADER"),
        ("GET /items/17", "expired", 401, "TOKEN_EXPIRED"),
        ("GET /items/17", "wrong", 401, "INVALID_TOKEN"),
        ("GET /admin", None, 401, "MISSING_AUTHORIZATION_HEADER"),
        ("PUT /items/17", "reader", 403, "INSUFFICIENT_SCOPE"),
        ("GET /items/18", "shelf", 403, "OUTSIDE_ROOT_NODES"),
        ("GET /items", "shelf", 403, "OUTSIDE_ROOT_NODES"),
        ("DELETE /items/17", "writer", 403, "ROUTE_NOT_LISTED"),
        ("GET /admin", "writer", 403, "ROUTE_NOT_LISTED"),
        ("GET /items/a%2fb", "writer", 400, "INVALID_REQUEST"),
    ],
)
def test_who_may_not_hears_why(
    proxied: Proxied, request_: str, token: str | None, status: int, code: str
) -> None:
    """A refusal reaches the client whole: its real status, its code, and one challenge (S13)."""
    proxied.api.seen.clear()
    text = None if token is None else getattr(proxied.live.tokens, token, "cfp_" + "0" * 49)
    method, target = request_.split()
    scope = {"GET /items/17": "shop:read", "PUT /items/17": "shop:write"}.get(request_, "")
    heard = ask(proxied, method, target, text)
    assert heard.status == status
    assert heard.json["errors"][0]["code"] == code
    challenges = [value for name, value in heard.headers if name.lower() == "www-authenticate"]
    assert len(challenges) == (1 if status == 401 or code == "INSUFFICIENT_SCOPE" else 0)
    wanted = f'scope="{scope}", resource_metadata="{METADATA}"' if scope else METADATA
    assert all(wanted in told for told in challenges)
    assert ("cache-control", "no-store") in [(key.lower(), value) for key, value in heard.headers]
    assert proxied.api.seen == []


@pytest.mark.parametrize(
    ("said", "arrives"),
    [
        ("api.test", "api.test"),
        ("api.test:8443", "api.test:8443"),
        ("127.0.0.1:80", "127.0.0.1:80"),
        ("[::1]", "[::1]"),
        ("[::1]:8080", "[::1]:8080"),
    ],
)
def test_the_api_hears_which_host_was_asked(proxied: Proxied, said: str, arrives: str) -> None:
    """Name and port arrive as the client wrote them: an API makes its links of both."""
    proxied.api.seen.clear()
    raw = Case("", target="/health", presents=False).raw("")
    assert say(proxied.port, raw.replace(b"api.test", said.encode())).status == 200
    assert proxied.api.seen[0].values("Host") == [arrives]


@pytest.mark.parametrize("proxied", ["nginx"], indirect=True)
@pytest.mark.parametrize("said", ["api.test:", "api.test:80:90", "api.test:8a", "api.test:123456"])
def test_what_is_no_port_does_not_arrive(proxied: Proxied, said: str) -> None:
    """Nothing but digits comes after nginx's own reading of the name, whatever a client writes."""
    proxied.api.seen.clear()
    raw = Case("", target="/health", presents=False).raw("")
    say(proxied.port, raw.replace(b"api.test", said.encode()))
    for seen in proxied.api.seen:
        assert seen.values("Host") == ["api.test"]


def test_what_proxies_say_is_said_by_the_proxy(proxied: Proxied) -> None:
    """No client's own word on where it comes from, what it asks or who it is arrives (S51)."""
    proxied.api.seen.clear()
    for name in CLAIMED:
        said = (name, FORGED)
        case = Case("", target="/items/17", headers=(said,))
        assert say(proxied.port, case.raw(proxied.live.tokens.shelf)).status == 200
        kept = Case("", target="/items/17", headers=(said, ("Connection", f"close, {name}")))
        assert say(proxied.port, kept.raw(proxied.live.tokens.shelf)).status in {200, 400}
    assert len(proxied.api.seen) >= len(CLAIMED)
    for seen in proxied.api.seen:
        assert FORGED not in " ".join(value for _, value in seen.headers), seen
        assert set(seen.values("X-Forwarded-Host")) <= {"api.test"}
        assert set(seen.values("X-Forwarded-Proto")) <= {"http"}


def test_an_open_route_names_nobody(proxied: Proxied) -> None:
    """What is open to everybody arrives with every identity header empty, whatever was written.

    An empty one that nginx and Caddy send to an API is none, as the reference says of them.
    """
    proxied.api.seen.clear()
    assert ask(proxied, "GET", "/health", None, Counterfoil_Subject=FORGED).status == 200
    [seen] = proxied.api.seen
    names_nobody(seen)
    assert bool(seen.values("Counterfoil-Subject")) == (proxied.kind in {"envoy", "traefik"})


def test_who_writes_writes(proxied: Proxied) -> None:
    """A body passes the proxy and not the gate: a write arrives with what it writes."""
    case = Case("", "PUT", headers=(("Content-Length", "5"),), body=b"hello")
    assert say(proxied.port, case.raw(proxied.live.tokens.writer)).json["method"] == "PUT"


def test_an_assertion_proves_who_sent_it(proxied: Proxied) -> None:
    """The API verifies by the gate's published key who sent what, and trusts no header (S52)."""
    proxied.api.seen.clear()
    ask(proxied, "GET", "/items/17?a=1", proxied.live.tokens.shelf)
    [word] = proxied.api.seen[0].values("Counterfoil-Assertion")
    head, claims, signature = word.split(".")
    raw = b"GET /.well-known/jwks.json HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n\r\n"
    [key] = say(proxied.live.gate.port, raw).json["keys"]
    public = Ed25519PublicKey.from_public_bytes(plain(key["x"]))
    public.verify(plain(signature), f"{head}.{claims}".encode())
    said = json.loads(plain(claims))
    assert said["exp"] - said["iat"] == 60
    assert said.keys() == CLAIMS.keys()
    assert (said["aud"], said["sub"], said["htm"], said["htu"], said["scope"]) == (
        f"api_{SHOP}",
        f"usr_{BEN}",
        "GET",
        "/items/17?a=1",
        "shop:read",
    )


def test_the_page_verifies_an_assertion(proxied: Proxied, tmp_path: Path) -> None:
    """What the page has an API do finds out who sent a request, and believes no other (S52)."""
    shown = programs((ROOT / "docs" / "how-to" / "protect-an-api.md").read_text())
    file = tmp_path / "who_sent_it.py"
    file.write_text(
        shown[file.name]
        .replace("127.0.0.1:8401", f"127.0.0.1:{proxied.live.gate.port}")
        .replace("api_0000000000000000", f"api_{SHOP}")
    )
    who = runpy.run_path(str(file))["who"]
    proxied.api.seen.clear()
    ask(proxied, "GET", "/items/17?a=1", proxied.live.tokens.shelf)
    [word] = proxied.api.seen[0].values("Counterfoil-Assertion")
    assert who(word, "GET", "/items/17?a=1")["sub"] == f"usr_{BEN}"
    for other in (("PUT", "/items/17?a=1"), ("GET", "/items/17"), ("GET", "/items/18?a=1")):
        with pytest.raises(jwt.InvalidTokenError):
            who(word, *other)
    head, claims, _ = word.split(".")
    with pytest.raises(jwt.InvalidTokenError):
        who(f"{head}.{claims}.{'A' * 86}", "GET", "/items/17?a=1")


@pytest.mark.parametrize("family", FAMILIES)
def test_no_request_is_smuggled(proxied: Proxied, family: str) -> None:
    """Of hundreds of ambiguous requests the API sees none that the token may not send (S51).

    Each names whom the gate named, in every header and in no other word. Before, between and after
    them a plain request of the same token passes: so nothing was refused because everything was.
    """
    arrived = 0
    for number, case in enumerate(FAMILIES[family]):
        if number % _BETWEEN == 0:
            passes(proxied)
        proxied.api.seen.clear()
        with suppress(OSError, ValueError):  # to be cut off is as good as a no
            say(proxied.port, case.raw(proxied.live.tokens.shelf), timeout=5)
        arrived += len(proxied.api.seen)
        for seen in proxied.api.seen:
            assert not case.closed, (case, seen)
            arrives_as_decided(seen)
    passes(proxied)
    if family == "identities":
        assert arrived > 100  # most of the forged ones are good requests but for that


def test_there_are_hundreds() -> None:
    """What no proxy lets through is more than four hundred requests, each of them another (S51)."""
    assert len(CASES) > 400
    assert len({case.raw("cfp") for case in CASES}) > 400


def passes(proxied: Proxied) -> None:
    """Send what is good, and see that it arrives as it was sent, with who sent it."""
    proxied.api.seen.clear()
    assert say(proxied.port, GOOD.raw(proxied.live.tokens.shelf)).status == 200
    [seen] = proxied.api.seen
    assert (seen.method, seen.target) == (GOOD.method, GOOD.target)
    arrives_named(seen)
