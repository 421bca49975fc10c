"""A proxy in front of an API, as a client sees it: whether it asks the gate about everything.

Each probe is a GET to the address that was named, or to one beside it that no table lists, with
headers that a client might try. What the gate itself refuses is known by its code.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from counterfoil.cli.doctor.finding import Finding, bad, doubtful, good
from counterfoil.kernel.entropy import Entropy, system_entropy
from counterfoil.kernel.errors import Code
from counterfoil.secret import DEFAULT_PREFIX, Kind, Secret

_LATE_S: Final = 10
_MOST_BYTES: Final = 65_536
_CODES: Final = frozenset(map(str, Code))
_SPELLINGS: Final = ("X-Original-URI", "X_Original_URI", "X-Forwarded-Uri", "X_Forwarded_Uri")
_IDENTITY: Final = ("Counterfoil-Subject", "Counterfoil_Subject")
_DEPLOY: Final = "Compare its configuration with the one in `deploy/` for this proxy."
_OK: Final = range(200, 300)
_UNAUTHORIZED: Final = 401


class Heard(NamedTuple):
    """What came back: a status, and the gate's code if it was the gate that refused."""

    status: int
    code: str

    def __str__(self) -> str:
        return f"{self.status} {self.code}".strip()


class UnreachableError(Exception):
    """Nobody answers there."""


class Proxy:
    """A proxy, and an address behind it.

    Args:
        url: of something that a GET with the caller's token may read.
        entropy: where an address that nobody lists comes from.
    """

    def __init__(self, url: str, entropy: Entropy = system_entropy) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "https"
        self._host, self._port = parts.hostname or "", parts.port
        self.target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self.beside = f"/counterfoil-doctor-{entropy(8).hex()}"
        self.nobodys = Secret.mint(Kind.PERSONAL, entropy, DEFAULT_PREFIX).reveal()

    def ask(
        self, target: str, token: str | None, headers: Mapping[str, str] | None = None
    ) -> Heard:
        """Send a GET, and say what came of it.

        Raises:
            UnreachableError: nothing did.
        """
        sent = {"Host": self._host, "User-Agent": "counterfoil-doctor", **(headers or {})}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        line = self._line()
        try:
            line.putrequest("GET", target, skip_host=True, skip_accept_encoding=True)
            for name, value in sent.items():
                line.putheader(name, value)
            line.endheaders()
            answer = line.getresponse()
            return Heard(answer.status, _code(answer.read(_MOST_BYTES)))
        except (OSError, HTTPException) as error:
            raise UnreachableError(type(error).__name__) from None
        finally:
            line.close()

    def _line(self) -> HTTPConnection:
        if self._tls:
            context = ssl.create_default_context()
            return HTTPSConnection(self._host, self._port, timeout=_LATE_S, context=context)
        return HTTPConnection(self._host, self._port, timeout=_LATE_S)


def look(proxy: Proxy, token: str) -> Iterator[Finding]:
    """Yield what each probe found; the first ones say whether there is a gate at all."""
    try:
        yield _nobody(proxy)
        yield _stranger(proxy)
        yield _holder(proxy, token)
        yield _unlisted(proxy, token)
        yield from _forged_address(proxy, token)
        yield from _forged_identity(proxy, token)
        yield _two_readings(proxy, token)
    except UnreachableError as error:
        yield bad("proxy", f"nobody answers ({error})", "Start it, or see --proxy.")


def _nobody(proxy: Proxy) -> Finding:
    heard = proxy.ask(proxy.target, None)
    if heard.code == Code.MISSING_AUTHORIZATION_HEADER:
        return good("no token", str(heard))
    if heard.status in _OK:
        return bad("no token", f"{heard}: everybody is let in", f"It asks no gate there. {_DEPLOY}")
    return bad("no token", f"{heard}: it is not the gate that answers", _DEPLOY)


def _stranger(proxy: Proxy) -> Finding:
    heard = proxy.ask(proxy.target, proxy.nobodys)
    if heard.status == _UNAUTHORIZED and heard.code == Code.INVALID_TOKEN:
        return good("unknown token", str(heard))
    return bad("unknown token", f"{heard}: a token that nobody has is not refused", _DEPLOY)


def _holder(proxy: Proxy, token: str) -> Finding:
    heard = proxy.ask(proxy.target, token)
    if not heard.code:
        return good("your token", f"{heard}, by the API")
    return doubtful(
        "your token",
        f"{heard}: the gate does not let it through",
        "Name an address that this token may read, or use one that may: COUNTERFOIL_TOKEN.",
    )


def _unlisted(proxy: Proxy, token: str) -> Finding:
    heard = proxy.ask(proxy.beside, token)
    if heard.code:
        return good("unlisted path", str(heard))
    return doubtful(
        "unlisted path",
        f"{heard}: the API is reached where nothing should be listed",
        "If no route of its table fits every path, its proxy does not ask the gate there.",
    )


def _forged_address(proxy: Proxy, token: str) -> Iterator[Finding]:
    """Look whether a client may name the address that is judged; it reaches no other by that."""
    honest = proxy.ask(proxy.beside, token)
    for name in _SPELLINGS:
        heard = proxy.ask(proxy.beside, token, {name: proxy.target})
        if heard.code or heard == honest:
            yield good(f"forged {name}", str(heard))
            continue
        yield bad(
            f"forged {name}",
            f"{heard}: a client says by itself which address is judged",
            f"The proxy shall drop {name} before it asks the gate. {_DEPLOY}",
        )


def _forged_identity(proxy: Proxy, token: str) -> Iterator[Finding]:
    """Look whether a client's word on who it is gets as far as the gate: so far, or further."""
    honest = proxy.ask(proxy.target, token)
    for name in _IDENTITY:
        heard = proxy.ask(proxy.target, token, {name: "usr_0000000000000000"})
        if heard == honest:
            yield good(f"forged {name}", f"{heard}: it is dropped")
            continue
        yield bad(
            f"forged {name}",
            f"{heard}: a client's own word on who it is arrives at the gate, which refuses it",
            f"The proxy shall drop {name} before it asks the gate. {_DEPLOY}",
        )


def _two_readings(proxy: Proxy, token: str) -> Finding:
    path = proxy.target.partition("?")[0].rstrip("/")
    heard = proxy.ask(f"{path}/..%2f..", token)
    if heard.status in _OK:
        return bad(
            "two readings",
            f"{heard}: an address with an escaped slash reaches the API",
            f"The proxy shall tell the gate the address as it was sent. {_DEPLOY}",
        )
    return good("two readings", str(heard))


def _code(body: bytes) -> str:
    """Return the code in a refusal of ours; nothing for any other answer."""
    try:
        code = json.loads(body)["errors"][0]["code"]
    except (ValueError, LookupError, TypeError):
        return ""
    return code if code in _CODES else ""
