"""The guard: what a server lets through and an application must never see.

It stands in front of everything, and is a plain function: of a generator the server would send the
status before the first line of it ran. What is behind it may answer by one: it is begun here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

from counterfoil.access.caller import Caller, Origin
from counterfoil.gate.middleware_wsgi import (
    CALLER,
    Application,
    Begun,
    Environ,
    StartResponse,
)
from counterfoil.gate.source import Sources
from counterfoil.jsonapi.desk import ORIGIN, REQUEST_ID, ROUTE
from counterfoil.jsonapi.dialect import Dialect, dialect_of
from counterfoil.jsonapi.reply import Reply, Setting, failed
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.entropy import Entropy, names
from counterfoil.kernel.errors import Code, CounterfoilError, Malformed, NotFound
from counterfoil.kernel.ids import OrganizationId, Prefix, TokenId, spell
from counterfoil.runtime.logging import Request, requests
from counterfoil.secret import redacted

Told: TypeAlias = tuple[str, list[tuple[str, str]], Iterable[bytes]]
"""An answer: its status line, its headers, its body."""

_STEP: Final = re.compile(r"(^|/)\.{1,2}(/|$)|//|[\\;\x00-\x1f\x7f]|%")
_PLAIN: Final = re.compile(r"(?:/[A-Za-z0-9_-]+)+")
_HOST: Final = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
_WRONG: Final = Code.INVALID_REQUEST
_OURS: Final = "counterfoil."
_ID_BYTES: Final = 16
_METHOD_CHARS: Final = 32
_USUAL: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_HOSTS: Final = 64
"""Of so many names by which clients call us it is known whether they are any, at most."""
_SPELLED: Final = 4_096
"""So many tokens, each where it acts, are remembered as the log spells them."""


class Guard:
    """Refuses what is not one plain request, names the rest, and says how each ended.

    Args:
        inner: the application behind it.
        entropy: where the ids of requests come from.
        refused: told of each 401 and 429: the address and the status.
        spoken: the dialects that are spoken somewhere behind it.
        sources: says whose address a request came from.
        count: told of each request that was answered, by its environment.
        ready: answers a plain request with what stands ready, if it does: see `hatch.py`.
    """

    def __init__(
        self,
        inner: Application,
        entropy: Entropy,
        refused: Callable[[str, int], None],
        spoken: Sequence[Dialect],
        sources: Sources | None = None,
        *,
        count: Callable[[Mapping[str, Any]], None] | None = None,
        ready: Callable[[Environ], Told | None] | None = None,
    ) -> None:
        self._inner = inner
        self._new_id = names(entropy, _ID_BYTES)
        self._refused = refused
        self._spoken = spoken
        self._sources = sources or Sources()
        self._count = count or _nothing
        self._ready = ready or _nothing

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request, whatever else stands in its environ."""
        for key in [key for key in environ if key.startswith(_OURS)]:
            del environ[key]
        line, headers, body = self.answer(environ)
        start_response(line, headers)
        return body

    def answer(self, environ: Environ) -> Told:
        """Answer one request, of which the environ says what a client said, and nothing else."""
        began = time.monotonic()
        request_id = self._new_id()
        address = self._sources.of(environ)
        environ[REQUEST_ID] = request_id
        environ[ORIGIN] = Origin(request_id, address, environ.get("HTTP_USER_AGENT", ""))
        handed = self._ready(environ) if _names_one_host(environ.get("HTTP_HOST", "")) else None
        line, headers, body = self._asked(environ) if handed is None else handed
        code = int(line[:3])
        if code in {401, 429}:
            self._refused(address, code)
        self._count(environ)
        _note(environ, code, time.monotonic() - began)
        return line, [*headers, ("X-Request-Id", request_id)], body

    def _asked(self, environ: Environ) -> Told:
        """Ask the application, if it is a plain request."""
        line, headers = "", list[tuple[str, str]]()

        def start(said: str, told: list[tuple[str, str]], *_rest: object) -> None:
            nonlocal line, headers
            line, headers = said, told

        try:
            _inspect(environ)
        except CounterfoilError as error:
            refused = self._answer(error, environ, start)
            return line, headers, refused
        body = self._inner(environ, start)
        if type(body) is not list and type(body) is not Begun:
            body = Begun(body)
        return line, headers, body

    def _answer(
        self, error: CounterfoilError, environ: Mapping[str, Any], start_response: StartResponse
    ) -> list[bytes]:
        dialect = dialect_of(environ.get("PATH_INFO", ""), self._spoken)
        setting = Setting(environ[REQUEST_ID], dialect, environ.get("HTTP_ACCEPT", ""))
        return send(failed(error, setting), environ, start_response)


def address_of(environ: Mapping[str, Any]) -> str:
    """Return from where a request came, as its guard has found out: see `source.py`."""
    origin: Origin = environ[ORIGIN]
    return origin.address


def _nothing(_environ: Mapping[str, Any]) -> None:
    """Count nothing, and have nothing ready."""


def _inspect(environ: Mapping[str, Any]) -> None:
    """Raise for what two readers could take for two different requests."""
    path = environ.get("PATH_INFO") or "/"
    odd = _PLAIN.fullmatch(path) is None  # nearly none is, which is known three times as fast
    if odd and (_STEP.search(path) or not path.startswith("/")):
        raise Malformed(_WRONG, "This path can be read in more than one way.")
    if path.endswith("/") and path != "/":
        raise NotFound(Code.NOT_FOUND, "No address here ends in a slash.")
    if "," in environ.get("HTTP_AUTHORIZATION", ""):
        raise Malformed(
            _WRONG,
            "There is more than one credential.",
            meta={"error": "invalid_request"},
        )
    if not _names_one_host(environ.get("HTTP_HOST", "")):
        raise Malformed(_WRONG, "A request names one host.")
    if "HTTP_TRANSFER_ENCODING" in environ and environ.get("CONTENT_LENGTH"):
        raise Malformed(_WRONG, "A body has one length.")


@lru_cache(maxsize=_HOSTS)
def _names_one_host(said: str) -> bool:
    return _HOST.fullmatch(said) is not None


def send(reply: Reply, environ: Mapping[str, Any], start_response: StartResponse) -> list[bytes]:
    """Answer as WSGI does."""
    headers = {**reply.headers, "Content-Length": str(len(reply.body))}
    start_response(reply.line, list(headers.items()))
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [reply.body]


@lru_cache(maxsize=_SPELLED)
def _spelled(organization: OrganizationId, token: TokenId | None) -> tuple[str, str | None]:
    return (
        spell(Prefix.ORGANIZATION, organization),
        None if token is None else spell(Prefix.TOKEN, token),
    )


def _note(environ: Mapping[str, Any], status: int, took_s: float) -> None:
    caller: Caller | None = environ.get(CALLER)
    organization = token = None
    method = environ["REQUEST_METHOD"]
    if caller is not None:
        organization, token = _spelled(caller.organization, caller.token)
    requests.note(
        Request(
            environ[REQUEST_ID],
            method if method in _USUAL else redacted(method)[:_METHOD_CHARS],
            environ.get(ROUTE),
            status,
            int(took_s * 1_000_000) / 1000,
            organization,
            token,
            system_clock(),
        )
    )
