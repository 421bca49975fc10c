"""Why a request may not pass, as each proxy can hand it on.

Every refusal says how long it is: a proxy drops a line on which it is not told, and denials would
be dearer than passes.
"""

from __future__ import annotations

import json
from typing import Final

from counterfoil.gate.challenge import challenge
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

ERROR: Final = "Counterfoil-Error"
STATUS: Final = "Counterfoil-Status"
_RETRY_S: Final = "1"

_STATUSES: Final[dict[type[CounterfoilError], str]] = {
    Malformed: "400 Bad Request",
    Refused: "401 Unauthorized",
    Denied: "403 Forbidden",
    NotFound: "404 Not Found",
    Limited: "429 Too Many Requests",
    Unserved: "503 Service Unavailable",
}
_DENIED: Final = _STATUSES[Denied]


def plain(error: CounterfoilError, more: Headers) -> tuple[str, Headers, bytes]:
    """Return status line, headers and body, for a proxy that hands on whatever we say."""
    status = _status(error)
    body = _body(error, status)
    return status, _headers(error, body, more), body


def two_words(error: CounterfoilError, more: Headers) -> tuple[str, Headers, bytes]:
    """Return them for nginx, which knows 401 and 403 alone and drops the body.

    The status that is meant and the body stand in headers; its configuration makes an answer of
    them.
    """
    status = _status(error)
    body = _body(error, status)
    headers = [*_headers(error, body, more), (STATUS, status[:3]), (ERROR, body.decode())]
    return status if type(error) is Refused else _DENIED, headers, body


def _status(error: CounterfoilError) -> str:
    return _STATUSES.get(type(error), _DENIED)


def _body(error: CounterfoilError, status: str) -> bytes:
    said: dict[str, object] = {"status": status[:3], "code": str(error.code)}
    if error.detail:
        said["detail"] = error.detail
    told = {name: value for name, value in error.meta.items() if name in _TOLD}
    if told:
        said["meta"] = told
    return json.dumps({"errors": [said]}).encode()  # ASCII: it may have to fit into a header


_TOLD: Final = frozenset({
    "scope", "roots", "method", "limit", "violated-policies", "address", "not_before",
})  # fmt: skip


def _headers(error: CounterfoilError, body: bytes, more: Headers) -> Headers:
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        *more,
    ]
    if type(error) is Refused or error.code is Code.INSUFFICIENT_SCOPE:
        headers.append(("WWW-Authenticate", challenge(error)))
    if isinstance(error, Unserved) and not any(name == "Retry-After" for name, _ in more):
        headers.append(("Retry-After", _RETRY_S))
    return headers
