"""What leaves the house: status, headers and bytes, alike for answers and for failures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

import msgspec

from counterfoil.access.caller import Caller
from counterfoil.gate.challenge import REALM, challenge
from counterfoil.jsonapi.errors import NATIVE, PLAIN, PROBLEM, Unserved, failure
from counterfoil.jsonapi.route import Answer, Dialect
from counterfoil.kernel.errors import Code, CounterfoilError, Denied, Malformed, Refused

API_VERSION: Final = "3"
"""The newest version of DatoCMS's contract, and the one that we speak."""

_CACHE: Final = "max-age=0, private, must-revalidate"
_RETRY_S: Final = "1"

SHIELD: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""What every answer tells a browser (S46). A page replaces the policy by its own."""


@dataclass(slots=True)
class Reply:
    """An answer in the words of HTTP."""

    status: int
    headers: dict[str, str]
    body: bytes = b""

    @property
    def line(self) -> str:
        """The status line."""
        return f"{self.status} {HTTPStatus(self.status).phrase}"


@dataclass(slots=True)
class Setting:
    """What is known of a request by the time that it is answered.

    Attributes:
        accept: the Accept header.
        caller: who asked, if anybody said.
        more: headers that whatever is answered shall carry.
    """

    request_id: str
    dialect: Dialect = Dialect.NATIVE
    accept: str = ""
    caller: Caller | None = None
    more: dict[str, str] = field(default_factory=dict)


def answered(answer: Answer, setting: Setting) -> Reply:
    """Put a door's answer into HTTP."""
    headers = _common(setting, secret=answer.secret)
    body = answer.body
    raw = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
    if body is not None:
        headers["Content-Type"] = PLAIN
        if setting.dialect is Dialect.NATIVE and NATIVE in setting.accept.lower():
            headers["Content-Type"] = NATIVE
    if answer.position is not None:
        headers["Counterfoil-Position"] = str(answer.position)
    headers.update(answer.headers)
    return Reply(answer.status, headers, raw)


def failed(error: CounterfoilError, setting: Setting) -> Reply:
    """Put a failure into HTTP."""
    said = failure(error, setting.dialect, setting.request_id, setting.accept)
    headers = _common(setting, secret=False)
    headers["Content-Type"] = said.media_type
    if isinstance(error, Refused | Denied):
        headers["WWW-Authenticate"] = _challenge(error, setting.dialect)
    if isinstance(error, Unserved):
        headers.setdefault("Retry-After", _RETRY_S)
    if "retry_after" in error.meta:
        headers.setdefault("Retry-After", str(error.meta["retry_after"]))
    return Reply(said.status, headers, msgspec.json.encode(said.body))


def accepts(accept: str) -> None:
    """Return if an Accept header admits JSON, in any of its dresses.

    Raises:
        Malformed: INVALID_ACCEPT_HEADER.
    """
    wanted = [part.strip().lower() for part in accept.split(",") if part.strip()]
    good = {"*/*", "application/*", PLAIN, NATIVE, PROBLEM}
    for part in wanted:
        name, *parameters = (piece.strip() for piece in part.split(";"))
        refused = any(piece in {"q=0", "q=0.0", "q=0.00", "q=0.000"} for piece in parameters)
        if name in good and not refused:
            return
    if wanted:
        raise Malformed(
            Code.INVALID_ACCEPT_HEADER,
            "This address answers in JSON.",
            meta={"supported": [PLAIN, NATIVE]},
        )


def _challenge(error: Refused | Denied, dialect: Dialect) -> str:
    return f'Basic realm="{REALM}"' if dialect is Dialect.OAUTH else challenge(error)


def _common(setting: Setting, *, secret: bool) -> dict[str, str]:
    headers = {**SHIELD, "X-Request-Id": setting.request_id, "Vary": "Accept"}
    if setting.dialect is Dialect.OAUTH:
        headers["Cache-Control"], headers["Pragma"] = "no-store", "no-cache"
    else:
        headers["Cache-Control"] = f"{_CACHE}, no-store" if secret else _CACHE
        if secret:
            headers["Pragma"] = "no-cache"
    if setting.dialect is Dialect.DATOCMS:
        headers["X-Api-Version"] = API_VERSION
    if setting.caller is not None and setting.caller.expires_at is not None:
        at = setting.caller.expires_at.isoformat(timespec="seconds")
        headers["Counterfoil-Token-Expires-At"] = at.replace("+00:00", "Z")
    headers.update(setting.more)
    return headers
