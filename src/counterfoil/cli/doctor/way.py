"""The way through a proxy: a request that is sent as it is wanted, and what came back."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

from counterfoil.kernel.entropy import Entropy, system_entropy
from counterfoil.kernel.errors import Code
from counterfoil.kernel.plain import in_words
from counterfoil.secret import DEFAULT_PREFIX, Kind, Secret

_LATE_S: Final = 10
_MOST_BYTES: Final = 65_536
_CODES: Final = frozenset(map(str, Code))


@dataclass(frozen=True)
class Heard:
    """What came back; two answers are alike if the same was decided.

    Attributes:
        status: of the answer.
        code: the gate's, if it was the gate that refused.
        retry_s: `Retry-After`, as it came; empty if it did not.
        body: as much of it as is read.
    """

    status: int
    code: str
    retry_s: str = field(default="", compare=False)
    body: bytes = field(default=b"", compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.status} {self.code}".strip()


class UnreachableError(Exception):
    """Nobody answers there."""


class Way:
    """A proxy, and an address behind it.

    Args:
        url: of something that a GET with the caller's token may read.
        entropy: where an address that nobody lists comes from, and a person that nobody is.
    """

    def __init__(self, url: str, entropy: Entropy = system_entropy) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "https"
        self._host, self._port = parts.hostname or "", parts.port
        self._entropy = entropy
        self.target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self.beside = f"/counterfoil-doctor-{entropy(8).hex()}"
        self.nobodys = Secret.mint(Kind.PERSONAL, entropy, DEFAULT_PREFIX).reveal()

    def nobody(self) -> str:
        """Return the id of a person that nobody is, another each time."""
        return f"usr_{int.from_bytes(self._entropy(6), 'big'):016d}"

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
            body = answer.read(_MOST_BYTES)
            return Heard(answer.status, _code(body), answer.getheader("Retry-After", ""), body)
        except (OSError, HTTPException) as error:
            raise UnreachableError(in_words(error)) from None
        finally:
            line.close()

    def _line(self) -> HTTPConnection:
        if self._tls:
            context = ssl.create_default_context()
            return HTTPSConnection(self._host, self._port, timeout=_LATE_S, context=context)
        return HTTPConnection(self._host, self._port, timeout=_LATE_S)


def _code(body: bytes) -> str:
    """Return the code in a refusal of ours; nothing for any other answer."""
    try:
        code = json.loads(body)["errors"][0]["code"]
    except (ValueError, LookupError, TypeError):
        return ""
    return code if code in _CODES else ""
