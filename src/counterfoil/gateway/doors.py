"""The doors of the gateway, as one WSGI application.

    /authz/nginx[/api_…]      auth_request: the original request in X-Original-Method and -URI
    /authz/forward[/api_…]    Caddy and Traefik: X-Forwarded-Method and -Uri
    /authz/envoy[/api_…]/…    Envoy: the original request itself, and its address in X-Original-URI
    /authz/watch[/api_…]/…    a copy of a request, to be written down: nobody passes by it
    /authz/decision           what would become of a request, for programs
    /authz/explain            the same, with every check
    /livez  /readyz  /metrics
    /.well-known/jwks.json    by which assertions are verified; open, as public keys are

Which API it is stands in the proxy's configuration and never in what a client sends.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, TypeAlias

import lmdb

from counterfoil.gate import pace
from counterfoil.gate.asked import Let, Wanted
from counterfoil.gate.hostclock import HostClock
from counterfoil.gate.position import AT_LEAST_KEY, stand
from counterfoil.gateway import decision, meters, method, original
from counterfoil.gateway.admission import Admission
from counterfoil.gateway.assertion import Signer
from counterfoil.gateway.books import Books
from counterfoil.gateway.identity import REQUEST_ID, Headers, Identity
from counterfoil.gateway.kept import Kept
from counterfoil.gateway.numbers import numbers
from counterfoil.gateway.refusal import Refusals
from counterfoil.gateway.watch import watch
from counterfoil.kernel.errors import (
    Code,
    CounterfoilError,
    Denied,
    Malformed,
    NotFound,
    Unserved,
)
from counterfoil.kernel.ids import ApiId
from counterfoil.runtime.ballast import is_out

Environ: TypeAlias = dict[str, Any]
StartResponse: TypeAlias = Callable[..., Any]
Answer: TypeAlias = tuple[str, Headers, bytes]

_AUTHZ: Final = "/authz/"
_KEYS: Final = "/.well-known/jwks.json"
_METRICS: Final = "/metrics"
_OPEN: Final = frozenset({"/livez", "/readyz", _KEYS})  # who verifies has no secret
_DOORS: Final = 1_024
_OK: Final = "200 OK"


class Door(NamedTuple):
    """What a proxy's address means.

    Attributes:
        kind: how the proxy asks.
        api: of which API; None if neither the address nor the gate names one.
        left: what is left of the address, which is the client's own where it is mirrored.
        refuse: says no as the proxy can hand it on.
    """

    kind: str
    api: ApiId | None
    left: str
    refuse: Callable[[CounterfoilError, Headers, str], Answer]


class Gateway:
    """Answers what proxies and programs ask.

    Args:
        books: what it decides by.
        kept: takes in what it is asked and decides.
        names: gives each request an id of its own.
        api: which API is meant where an address names none.
        admission: lets in whoever may ask; without one that is whoever reaches this server.
        signer: signs who sent a request, for APIs that trust no header; None if it is not wanted.
    """

    def __init__(
        self,
        books: Books,
        kept: Kept,
        names: Callable[[], str],
        *,
        api: ApiId | None = None,
        admission: Admission | None = None,
        signer: Signer | None = None,
    ) -> None:
        self._books = books
        self.reach = books.reach
        self._counts, self._trail, self._recorder = kept
        self._name = names
        self._api = api
        self._admission = admission or Admission()
        self._admit = self._admission.proxy
        self._signer = signer
        self._identity = Identity()
        self._refusals = Refusals()
        self._doors: dict[str, Door] = {}
        self._own = {"/livez": _alive, "/readyz": self._ready, _METRICS: self._metrics}
        if signer is not None:
            self._own[_KEYS] = lambda: _said(_OK, signer.keys(), "application/jwk-set+json")

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        status, headers, body = self.answer(environ)
        start_response(status, headers)
        return [body]

    def answer(self, environ: Environ) -> Answer:
        """Return status line, headers and body; nobody else has the headers."""
        path = environ["PATH_INFO"]
        door = self._doors.get(path)
        if door is not None:
            return self._authorized(environ, door)
        if not path.startswith(_AUTHZ):
            return self._told(environ, path)
        kind, _, rest = path[len(_AUTHZ) :].partition("/")
        if kind in {"decision", "explain"} and not rest:
            return self._decided(environ, explain=kind == "explain")
        if kind == "watch":
            return self._watched(environ, path[len(_AUTHZ) + len(kind) :])
        return self._authorized(environ, self._door(path, kind))

    def _authorized(self, environ: Environ, door: Door) -> Answer:
        began, id_ = time.perf_counter_ns(), self._name()
        wanted: Wanted | None = None
        paced: Headers = []
        try:
            self._admit(environ)
            if AT_LEAST_KEY in environ:
                stand(environ, self._books.reach)
            wanted = self._wanted(environ, door)
            if self._recorder is not None:
                self._recorder.note(wanted)
            said = self._books.let(wanted)
            if isinstance(said, Let):
                self._keep_pace(said, paced)
                self._trail.let(said, wanted, id_)
                headers = self._identity.headers(said, id_, self._asserted(said, wanted))
                headers += paced
                self._counts.count(meters.verdict_of(said), time.perf_counter_ns() - began)
                return _OK, headers, b""
        except CounterfoilError as error:
            said = error
        except lmdb.Error:
            said = _unread()
        said = self._on_record(said, wanted, id_)
        said.__traceback__ = None  # whose frames would hold it, and it them
        self._counts.count(meters.verdict_on(said), time.perf_counter_ns() - began)
        more = [(REQUEST_ID, id_), *paced]
        return door.refuse(said, more, self._books.metadata_of(door.api, said))

    def _keep_pace(self, let: Let, paced: Headers) -> None:
        """Count a request of a token that something bounds, and say how it stands to that.

        Raises:
            Limited: it came too often.
        """
        caller = let.caller
        if caller and (told := self._books.pace.count(caller, let.routed.limits.rate)):
            paced += pace.headers(told).items()
            pace.require_patience(told, let.about())

    def _door(self, path: str, kind: str) -> Door:
        """Return what an address of ours means, remembered where a configuration alone makes it."""
        api, rest = original.api_in(path[len(_AUTHZ) + len(kind) :], self._api)
        refuse = self._refusals.two_words if kind == "nginx" else self._refusals.plain
        door = Door(kind, api, rest, refuse)
        if kind in _WORDS and not rest:
            if len(self._doors) >= _DOORS:
                self._doors.clear()
            self._doors[path] = door
        return door

    def _on_record(
        self, error: CounterfoilError, wanted: Wanted | None, id_: str
    ) -> CounterfoilError:
        """Put on record what a token is refused; return what is said, another no if that fails."""
        kind = None if wanted is None else type(wanted.presented)
        if wanted is not None and (kind is str or kind is Malformed):
            try:
                self._trail.refuse(error, wanted, id_)
            except Unserved as unserved:
                return unserved
        return error

    def _wanted(self, environ: Environ, door: Door) -> Wanted:
        """Find out what a proxy asks.

        Raises:
            Malformed, Denied, NotFound, Unserved: as it shall be answered.
        """
        verifier, api = self._books.reader, door.api
        if api is None:
            raise Denied(
                Code.ROUTE_NOT_LISTED,
                "Which API is this? Name it in the address, by the id that it has: /authz/…/api_….",
            )
        if door.kind == "envoy":
            return original.mirrored(environ, door.left, api, verifier)
        if door.left or door.kind not in _WORDS:
            raise NotFound
        return original.told(environ, _WORDS[door.kind], api, verifier)

    def _asserted(self, let: Let, wanted: Wanted) -> str:
        if self._signer is None or let.caller is None:
            return ""
        return self._signer.sign(self._identity.lasting(let), let.routed.api, wanted)

    def _decided(self, environ: Environ, *, explain: bool) -> Answer:
        try:
            self._admit(environ)
            method.require(environ, method.ASKED)
            stand(environ, self._books.reach)
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

    def _watched(self, environ: Environ, path: str) -> Answer:
        try:
            self._admit(environ)
            no = watch(environ, path, self._api, self._recorder, self._books.reader)
        except CounterfoilError as error:
            return self._refusals.plain(error, [])
        return self._refusals.plain(no, [])

    def _told(self, environ: Environ, path: str) -> Answer:
        """Answer what is asked about the gateway itself."""
        try:
            tell = self._own.get(path)
            if path == _METRICS:
                self._admission.scraper(environ)
            elif tell is None or path not in _OPEN:
                self._admit(environ)
            if tell is None:
                raise NotFound
            method.require(environ, method.LOOKED_AT)
            return tell()
        except CounterfoilError as error:
            return self._refusals.plain(error, [])
        except lmdb.Error:
            return self._refusals.plain(_unread(), [])

    def _ready(self) -> Answer:
        self._books.require_ready()
        if isinstance(self._books.clock, HostClock):
            self._books.clock.require_agreed()
        if is_out(self._books.folder):
            raise Unserved(Code.NO_ROOM, "The disk is full: the gate decides, and records nothing.")
        if self._trail.is_late():
            raise Unserved(Code.NOT_READY, "What the gate decides cannot be put on record.")
        said = {"status": "ready", "position": self._books.position()}
        return _said(_OK, json.dumps(said).encode(), "application/json")

    def _metrics(self) -> Answer:
        text = numbers(self._books, self._counts)
        return _said(_OK, text.encode(), "text/plain; version=0.0.4")


_WORDS: Final = {"nginx": original.NGINX, "forward": original.FORWARD}


def _alive() -> Answer:
    return _said(_OK, b'{"status": "alive"}', "application/json")


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
