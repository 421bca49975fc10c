"""The doors of the gateway, as one WSGI application.

    /authz/nginx[/api_…]      auth_request: the original request in X-Original-Method and -URI
    /authz/forward[/api_…]    Caddy and Traefik: X-Forwarded-Method and -Uri
    /authz/envoy[/api_…]/…    Envoy: the original request itself, and its address in X-Original-URI
    /authz/decision           what would become of a request, for programs
    /authz/explain            the same, with every check
    /livez  /readyz  /metrics
    /.well-known/jwks.json    by which assertions are verified

Which API it is stands in the proxy's configuration and never in what a client sends.
"""

from __future__ import annotations

import hmac
import json
import re
import time
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

import lmdb

from counterfoil.gate import pace
from counterfoil.gate.asked import Let, Wanted
from counterfoil.gateway import decision, meters, original
from counterfoil.gateway.assertion import Signer
from counterfoil.gateway.books import Books
from counterfoil.gateway.identity import ASSERTION, REQUEST_ID, Identity
from counterfoil.gateway.kept import Kept
from counterfoil.gateway.refusal import Refusals
from counterfoil.kernel.errors import (
    Code,
    CounterfoilError,
    Denied,
    Malformed,
    NotFound,
    Unserved,
)
from counterfoil.kernel.ids import ApiId

Environ: TypeAlias = dict[str, Any]
StartResponse: TypeAlias = Callable[..., Any]
Answer: TypeAlias = tuple[str, list[tuple[str, str]], bytes]

SECRET: Final = "HTTP_COUNTERFOIL_GATE_SECRET"  # noqa: S105 - where it stands, not what it is

_API: Final = re.compile(r"/api_(\d{16})(?=/|$)")
_AUTHZ: Final = "/authz/"
_OK: Final = "200 OK"
_PASSED: Final = (("Content-Length", "0"), ("Cache-Control", "no-store"))


class Gateway:
    """Answers what proxies and programs ask.

    Args:
        books: what it decides by.
        kept: takes in what it is asked and decides.
        names: gives each request an id of its own.
        api: which API is meant where an address names none.
        secret: what proxies have to present; empty if whoever reaches this server may ask.
        signer: signs who sent a request, for APIs that trust no header; None if it is not wanted.
    """

    def __init__(
        self,
        books: Books,
        kept: Kept,
        names: Callable[[], str],
        *,
        api: ApiId | None = None,
        secret: str = "",
        signer: Signer | None = None,
    ) -> None:
        self._books = books
        self._counts, self._trail, self._recorder = kept
        self._name = names
        self._api = api
        self._secret = secret.encode()
        self._signer = signer
        self._identity = Identity()
        self._refusals = Refusals()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        path = environ["PATH_INFO"]
        if path.startswith(_AUTHZ):
            status, headers, body = self._authorized(environ, path[len(_AUTHZ) :])
        else:
            status, headers, body = self._told(environ, path)
        start_response(status, headers)
        return [body]

    def _authorized(self, environ: Environ, path: str) -> Answer:
        door, _, rest = path.partition("/")
        if door in {"decision", "explain"} and not rest:
            return self._decided(environ, explain=door == "explain")
        refuse = self._refusals.two_words if door == "nginx" else self._refusals.plain
        began, id_ = time.perf_counter_ns(), self._name()
        more = [(REQUEST_ID, id_)]
        api, left = self._meant(path[len(door) :])
        wanted: Wanted | None = None
        try:
            self._admit(environ)
            wanted = self._wanted(environ, door, api, left)
            if self._recorder is not None:
                self._recorder.note(wanted)
            let = self._books.let(wanted)
            caller = let.caller
            if caller and (told := self._books.pace.count(caller, let.routed.limits.rate)):
                more += pace.headers(told).items()
                pace.require_patience(told, let.about())
            self._trail.let(let, wanted, id_)
        except CounterfoilError as error:
            said = self._on_record(error, wanted, id_)
            said.__traceback__ = None  # whose frames would hold it, and it them
            self._counts.count(meters.verdict_on(said), time.perf_counter_ns() - began)
            return refuse(said, more, self._books.metadata_of(api, said))
        except lmdb.Error:
            self._counts.count(meters.Verdict.UNSERVED, time.perf_counter_ns() - began)
            return refuse(_unread(), more)
        headers = self._identity.headers(let)
        headers += more
        headers.append((ASSERTION, self._asserted(let, wanted)))
        headers += _PASSED
        self._counts.count(meters.verdict_of(let), time.perf_counter_ns() - began)
        return _OK, headers, b""

    def _meant(self, rest: str) -> tuple[ApiId | None, str]:
        """Return which API an address of ours means, and what is left of it."""
        named = _API.match(rest)
        return (ApiId(int(named[1])), rest[named.end() :]) if named else (self._api, rest)

    def _on_record(
        self, error: CounterfoilError, wanted: Wanted | None, id_: str
    ) -> CounterfoilError:
        """Put a refusal on record; return what is answered, which is another one if that fails."""
        if wanted is not None:
            try:
                self._trail.refuse(error, wanted, id_)
            except Unserved as unserved:
                return unserved
        return error

    def _wanted(self, environ: Environ, door: str, api: ApiId | None, left: str) -> Wanted:
        """Find out what a proxy asks.

        Raises:
            Malformed, Denied, NotFound, Unserved: as it shall be answered.
        """
        verifier = self._books.reader
        if api is None:
            raise Denied(
                Code.ROUTE_NOT_LISTED,
                "Which API is this? Name it in the address: /authz/…/api_0000000000000000.",
            )
        if door == "envoy":
            return original.mirrored(environ, left, api, verifier)
        if left or door not in _WORDS:
            raise NotFound
        return original.told(environ, _WORDS[door], api, verifier)

    def _admit(self, environ: Environ) -> None:
        """Return if whoever asks may: it is told who sends what, so not everybody is one."""
        if not self._secret:
            return
        said = str(environ.get(SECRET, "")).encode("latin-1", "replace")
        if not hmac.compare_digest(said, self._secret):
            raise Denied(Code.INSUFFICIENT_ROLE, "Counterfoil-Gate-Secret is not this gate's.")

    def _asserted(self, let: Let, wanted: Wanted) -> str:
        if self._signer is None or let.caller is None:
            return ""
        return self._signer.sign(let.caller, let.routed, wanted)

    def _decided(self, environ: Environ, *, explain: bool) -> Answer:
        try:
            self._admit(environ)
            if environ["REQUEST_METHOD"] != "POST":
                raise NotFound
            raw = environ["wsgi.input"].read(decision.LARGEST + 1)
            if len(raw) > decision.LARGEST:
                raise Malformed(
                    Code.BODY_TOO_LARGE, f"A body has at most {decision.LARGEST} bytes here."
                )
            body = decision.answer(self._books, decision.read(raw), explain=explain)
        except CounterfoilError as error:
            return self._refusals.plain(error, [])
        except lmdb.Error:
            return self._refusals.plain(_unread(), [])
        return _said(_OK, body, "application/json")

    def _told(self, environ: Environ, path: str) -> Answer:
        """Answer what is asked about the gateway itself."""
        if path == "/livez":
            return _said(_OK, b'{"status": "alive"}', "application/json")
        try:
            if path == "/readyz":
                return self._ready()
            self._admit(environ)
            if path == "/metrics":
                return self._metrics()
            if path == "/.well-known/jwks.json" and self._signer is not None:
                return _said(_OK, self._signer.keys(), "application/jwk-set+json")
            raise NotFound
        except CounterfoilError as error:
            return self._refusals.plain(error, [])
        except lmdb.Error:
            return self._refusals.plain(_unread(), [])

    def _ready(self) -> Answer:
        if not self._books.is_ready():
            raise _unread()
        if self._trail.is_late():
            raise Unserved(Code.NOT_READY, "What the gate decides cannot be put on record.")
        said = {"status": "ready", "position": self._books.position()}
        return _said(_OK, json.dumps(said).encode(), "application/json")

    def _metrics(self) -> Answer:
        books, lease = self._books, self._books.lease
        lag = None
        if lease is not None and books.clock is lease:  # the office is on another host
            lag = meters.Lag(lease.silent_s(), self._counts.untold_s(lease.ticks()))
        text = meters.exposition(
            self._counts.totals(),
            ready=books.is_ready(),
            position=books.position(),
            has_bus=self._counts.has_bus(),
            lag=lag,
        )
        return _said(_OK, text.encode(), "text/plain; version=0.0.4")


_WORDS: Final = {"nginx": original.NGINX, "forward": original.FORWARD}


def _unread() -> Unserved:
    return Unserved(Code.NOT_READY, "The gate cannot look up tokens now.")


def _said(status: str, body: bytes, type_: str) -> Answer:
    headers = [
        ("Content-Type", type_),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    return status, headers, body
