"""Why a request may not pass, as each proxy can hand it on.

Every refusal says how long it is: a proxy drops a line on which it is not told, and denials would
be dearer than passes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, TypeAlias

from counterfoil.gate.challenge import challenge
from counterfoil.gateway.method import ALLOW
from counterfoil.kernel.errors import (
    Code,
    CounterfoilError,
    Denied,
    Limited,
    Malformed,
    NotFound,
    Refused,
    Unserved,
)

Headers = list[tuple[str, str]]
Key: TypeAlias = tuple[type[CounterfoilError], Code, str, str, str]

ERROR: Final = "Counterfoil-Error"
STATUS: Final = "Counterfoil-Status"
_RETRY_S: Final = "1"

STATUSES: Final[dict[type[CounterfoilError], str]] = {
    Malformed: "400 Bad Request",
    Refused: "401 Unauthorized",
    Denied: "403 Forbidden",
    NotFound: "404 Not Found",
    Limited: "429 Too Many Requests",
    Unserved: "503 Service Unavailable",
}
_DENIED: Final = STATUSES[Denied]
_OF_ITS_OWN: Final = {
    Code.BODY_TOO_LARGE: "413 Content Too Large",
    Code.METHOD_NOT_ALLOWED: "405 Method Not Allowed",
}
_TOLD: Final = frozenset({
    "scope", "roots", "method", "limit", "violated-policies", "address", "not_before",
})  # fmt: skip
_OF_BODY: Final = ("Content-Type", "Content-Length")
REMEMBERED: Final = 1_024


class Refusals:
    """Says no, and remembers how it said it: most refusals are one of a few."""

    def __init__(self) -> None:
        self._said: dict[Key, tuple[str, Headers, bytes]] = {}
        self._said_in_two: dict[Key, tuple[str, Headers]] = {}

    def plain(
        self, error: CounterfoilError, more: Headers, metadata: str = ""
    ) -> tuple[str, Headers, bytes]:
        """Return status line, headers and body, for a proxy that hands on whatever we say.

        Args:
            error: why not.
            more: headers that it shall have besides.
            metadata: where it is said who gives tokens for the API, if that is known.
        """
        status, headers, body = self._written(error, metadata)
        return status, headers + more, body

    def two_words(
        self, error: CounterfoilError, more: Headers, metadata: str = ""
    ) -> tuple[str, Headers, bytes]:
        """Return them for nginx, which knows 401 and 403 alone and drops the body: it gets none.

        The status that is meant and the body stand in headers; its configuration makes an answer
        of them.
        """
        key = _key(error, metadata)
        said = self._said_in_two.get(key)
        if said is None:
            if len(self._said_in_two) >= REMEMBERED:
                self._said_in_two.clear()
            status, headers, body = _written(error, metadata)
            both = (STATUS, status[:3]), (ERROR, body.decode())
            whole = [("Content-Length", "0"), *headers[len(_OF_BODY) :], *both]
            word = status if type(error) is Refused else _DENIED
            said = self._said_in_two[key] = word, whole
        return said[0], said[1] + more, b""

    def _written(self, error: CounterfoilError, metadata: str) -> tuple[str, Headers, bytes]:
        key = _key(error, metadata)
        said = self._said.get(key)
        if said is None:
            if len(self._said) >= REMEMBERED:
                self._said.clear()
            said = self._said[key] = _written(error, metadata)
        return said


def _key(error: CounterfoilError, metadata: str) -> Key:
    """Return what an answer is found by: all that it is made of."""
    meta = error.meta
    return type(error), error.code, error.detail, repr(meta) if meta else "", metadata


def _written(error: CounterfoilError, metadata: str) -> tuple[str, Headers, bytes]:
    """Return status line, headers and body; what is of the body stands first."""
    told = {name: value for name, value in error.meta.items() if name in _TOLD}
    body = _body(error, told)
    return _status(error), _headers(error, body, metadata), body


def _status(error: CounterfoilError) -> str:
    return _OF_ITS_OWN.get(error.code) or STATUSES.get(type(error), _DENIED)


def _body(error: CounterfoilError, told: Mapping[str, object]) -> bytes:
    """Return a body; in ASCII, since it may have to fit into a header."""
    said: dict[str, object] = {"status": _status(error)[:3], "code": str(error.code)}
    if error.detail:
        said["detail"] = error.detail
    if told:
        said["meta"] = told
    return json.dumps({"errors": [said]}).encode()


def _headers(error: CounterfoilError, body: bytes, metadata: str) -> Headers:
    headers = [
        *zip(_OF_BODY, ("application/json", str(len(body))), strict=True),
        ("Cache-Control", "no-store"),
    ]
    if type(error) is Refused or error.code is Code.INSUFFICIENT_SCOPE:
        headers.append(("WWW-Authenticate", challenge(error, resource_metadata=metadata)))
    if allow := error.meta.get(ALLOW):
        headers.append((ALLOW, allow))
    if isinstance(error, Unserved):
        headers.append(("Retry-After", _RETRY_S))
    return headers
