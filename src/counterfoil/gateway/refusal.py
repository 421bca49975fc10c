"""Why a request may not pass, as each proxy can hand it on.

Every refusal says how long it is: a proxy drops a line on which it is not told, and denials would
be dearer than passes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, TypeAlias

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
Key: TypeAlias = tuple[type[CounterfoilError], Code, str, str, str]

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
_TOO_LARGE: Final = "413 Content Too Large"
_TOLD: Final = frozenset({
    "scope", "roots", "method", "limit", "violated-policies", "address", "not_before",
})  # fmt: skip
REMEMBERED: Final = 1_024


class Refusals:
    """Says no, and remembers how it said it: most refusals are one of a few."""

    def __init__(self) -> None:
        self._said: dict[Key, tuple[bytes, Headers]] = {}

    def plain(
        self, error: CounterfoilError, more: Headers, metadata: str = ""
    ) -> tuple[str, Headers, bytes]:
        """Return status line, headers and body, for a proxy that hands on whatever we say.

        Args:
            error: why not.
            more: headers that it shall have besides.
            metadata: where it is said who gives tokens for the API, if that is known.
        """
        body, headers = self._written(error, metadata)
        return _status(error), [*headers, *more], body

    def two_words(
        self, error: CounterfoilError, more: Headers, metadata: str = ""
    ) -> tuple[str, Headers, bytes]:
        """Return them for nginx, which knows 401 and 403 alone and drops the body.

        The status that is meant and the body stand in headers; its configuration makes an answer
        of them.
        """
        body, headers = self._written(error, metadata)
        status = _status(error)
        whole = [*headers, *more, (STATUS, status[:3]), (ERROR, body.decode())]
        return status if type(error) is Refused else _DENIED, whole, body

    def _written(self, error: CounterfoilError, metadata: str) -> tuple[bytes, Headers]:
        told = {name: value for name, value in error.meta.items() if name in _TOLD}
        key = (type(error), error.code, error.detail, repr(told) if told else "", metadata)
        said = self._said.get(key)
        if said is None:
            if len(self._said) >= REMEMBERED:
                self._said.clear()
            body = _body(error, told)
            said = self._said[key] = body, _headers(error, body, metadata)
        return said


def _status(error: CounterfoilError) -> str:
    if error.code is Code.BODY_TOO_LARGE:
        return _TOO_LARGE
    return _STATUSES.get(type(error), _DENIED)


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
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
    ]
    if type(error) is Refused or error.code is Code.INSUFFICIENT_SCOPE:
        headers.append(("WWW-Authenticate", challenge(error, resource_metadata=metadata)))
    if isinstance(error, Unserved):
        headers.append(("Retry-After", _RETRY_S))
    return headers
