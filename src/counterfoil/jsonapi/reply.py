"""What leaves the house: status, headers and bytes, alike for answers and for failures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from typing import Final, NamedTuple

import msgspec

from counterfoil.access.caller import Caller
from counterfoil.audit.deed import Committed
from counterfoil.gate.position import POSITION_HEADER
from counterfoil.jsonapi.ask import where_to_ask
from counterfoil.jsonapi.dialect import CACHE, JSONAPI, Dialect
from counterfoil.jsonapi.fault import NATIVE, PLAIN, PROBLEM, fault
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.clock import instant, spell_instant
from counterfoil.kernel.errors import Code, CounterfoilError, Denied, Malformed, Refused, Unserved

_UNSTORED: Final = f"{CACHE}, no-store"
_RETRY_S: Final = "1"
_UNTYPED: Final = frozenset({204, 304})
"""Statuses that have neither a body nor a type."""
_HEADERS: Final = 256
"""So many different Accept headers are known to be good, at most: clients send few."""

_EXPIRIES: Final = 1_024
"""So many expiries of tokens are remembered as they are spelled."""

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
    stream: Iterable[bytes] | None = None
    cookies: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """The status line."""
        return f"{self.status} {HTTPStatus(self.status).phrase}"


class Spelled(NamedTuple):
    """The same as WSGI takes it."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes

    def saying(self, more: Mapping[str, str]) -> tuple[str, list[tuple[str, str]], bytes]:
        """Return the same with further headers."""
        return self.line, [*self.headers, *more.items()], self.body


@dataclass(slots=True)
class Setting:
    """What is known of a request by the time that it is answered.

    Attributes:
        accept: the Accept header.
        language: the Accept-Language header.
        scope: which scope the address asks for, if it is one.
        metadata: where it is said who gives tokens for this server, if that is known.
        caller: who asked, if anybody said.
        more: headers that whatever is answered shall carry.
        committed: where what was committed of this stands.
    """

    request_id: str
    dialect: Dialect = JSONAPI
    accept: str = ""
    caller: Caller | None = None
    more: dict[str, str] = field(default_factory=dict)
    committed: list[Committed] = field(default_factory=list)
    language: str = ""
    scope: str = ""
    metadata: str = ""


def answered(answer: Answer, setting: Setting) -> Reply:
    """Put a door's answer into HTTP."""
    headers = _common(setting.dialect, secret=answer.secret)
    body = answer.body
    raw = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
    if body is not None:
        usual, *others = setting.dialect.media
        wanted = (name for name in others if name in setting.accept.lower())
        headers["Content-Type"] = next(wanted, usual)
    if setting.committed:
        headers[POSITION_HEADER] = str(setting.committed[-1].position)
    headers.update(answer.headers)
    headers.update(passing(setting.caller, setting.more))
    return Reply(answer.status, headers, raw, answer.stream, answer.cookies)


def failed(error: CounterfoilError, setting: Setting) -> Reply:
    """Put a failure into HTTP."""
    ask = where_to_ask(setting.caller, error)
    told = fault(error, setting.request_id, setting.accept, setting.language, ask)
    said = setting.dialect.say(told)
    headers = _common(setting.dialect, secret=False) | passing(setting.caller, setting.more)
    headers["Content-Type"] = said.media_type
    if isinstance(error, Refused | Denied):
        headers["WWW-Authenticate"] = setting.dialect.challenge(
            error, scope=setting.scope, resource_metadata=setting.metadata
        )
    if "committed" in error.meta:
        headers[POSITION_HEADER] = str(error.meta["position"])
    if isinstance(error, Unserved):
        headers.setdefault("Retry-After", _RETRY_S)
    if "retry_after" in error.meta:
        headers.setdefault("Retry-After", str(error.meta["retry_after"]))
    if error.code is Code.RANGE_NOT_SATISFIABLE:
        headers["Content-Range"] = f"bytes */{error.meta['size']}"
    return Reply(told.status, headers, said.raw or msgspec.json.encode(said.body))


@lru_cache(maxsize=_HEADERS)
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


def passing(caller: Caller | None, more: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that say something of one request, and nothing of what is answered."""
    if caller is None or caller.expires_us is None:
        return dict(more)
    return {"Counterfoil-Token-Expires-At": _expiry(caller.expires_us), **more}


@lru_cache(maxsize=_EXPIRIES)
def _expiry(at_us: int) -> str:
    return spell_instant(instant(at_us))


def spelled(reply: Reply) -> Spelled:
    """Spell a reply as WSGI takes it; a stream goes out in place of its body."""
    headers = {name.lower(): value for name, value in reply.headers.items()}
    if reply.status not in _UNTYPED:
        headers.setdefault("content-type", PLAIN)
        if reply.stream is None:
            headers["content-length"] = str(len(reply.body))
    cookies = [("set-cookie", cookie) for cookie in reply.cookies]
    return Spelled(reply.line, [*headers.items(), *cookies], reply.body)


def _common(dialect: Dialect, *, secret: bool) -> dict[str, str]:
    headers = {**SHIELD, "Vary": "Accept", "Cache-Control": dialect.cache}
    if secret:
        headers["Cache-Control"] = _UNSTORED
        headers["Pragma"] = "no-cache"
    headers.update(dialect.headers)
    return headers
