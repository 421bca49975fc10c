"""What the middleware of every framework does, said without any of them.

The verdict is the gate server's, and so are the words of a refusal, to the byte: an API may move
from a proxy to this and back, and no client of it notices.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_network
from pathlib import Path
from string import ascii_letters, digits
from typing import Any, Final, NamedTuple, TypeAlias, TypedDict
from urllib.parse import quote

import lmdb

from counterfoil.gate import pace
from counterfoil.gate.asked import About, Wanted
from counterfoil.gate.position import AT_LEAST_KEY, is_behind, stand
from counterfoil.gate.presented import presented_in
from counterfoil.gate.source import Sources
from counterfoil.gateway.original import ADVERSE, require_plain
from counterfoil.gateway.refusal import Headers, Refusals
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, CounterfoilError, NotFound, Unserved
from counterfoil.kernel.ids import ApiId, Prefix
from counterfoil.middleware import awaited, opened
from counterfoil.middleware.opened import Desk
from counterfoil.middleware.visitor import Visitor

Environ: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = tuple[str, Headers, bytes]

KEY: Final = "counterfoil"
"""Where the visitor stands in a request's scope or environment."""

VARIABLE: Final = "COUNTERFOIL_DATA_DIR"
_PATH: Final = "/~!$&'()*+,=:@-._"
_PLAIN: Final = _PATH + ascii_letters + digits
"""What stands in an address as it is; nearly every path has nothing else."""
_RARE: Final = ADVERSE | {AT_LEAST_KEY}
"""What few requests have, and those are looked at closely."""


class Options(TypedDict, total=False):
    """What the middleware of every framework can be told besides its API.

    Attributes:
        data_dir: of the server on this host; what COUNTERFOIL_DATA_DIR says by default.
        routes: whether the API's table of routes judges each request (the default), so that what
            it does not list is closed. If not, views say what they need.
        required: without a table: whether a request that presents no token is refused at the door
            (the default), or reaches the application as nobody's.
        trusted_proxies: the networks of the proxies in front, which are believed when they say from
            where a request came; none by default.
        proxy_header: where they say it; `X-Forwarded-For` by default.
    """

    data_dir: str | Path
    routes: bool
    required: bool
    trusted_proxies: Iterable[str]
    proxy_header: str


class Outcome(NamedTuple):
    """What becomes of a request.

    Attributes:
        visitor: who sent it, where it may pass.
        refusal: what to answer, where it may not.
        headers: what the answer says besides of a token's own rate.
    """

    visitor: Visitor | None
    refusal: Answer | None
    headers: Headers


class Door:
    """Lets in whoever may, to one API.

    Args:
        api: its id, `api_…`.
        data_dir, routes, required, trusted_proxies, proxy_header: as `Options` says.

    Raises:
        ValueError: for what is no id, no network, or no data directory.
    """

    def __init__(
        self,
        api: str,
        *,
        data_dir: str | Path | None = None,
        routes: bool = True,
        required: bool = True,
        trusted_proxies: Iterable[str] = (),
        proxy_header: str = "X-Forwarded-For",
    ) -> None:
        self._api = api_of(api)
        self._data_dir = home_of(data_dir)
        self._routes = routes
        self._required = required
        networks = [ip_network(text) for text in trusted_proxies]
        self._address_of = Sources(networks, proxy_header).of
        self.header: Final = proxy_header
        self._refusals = Refusals()

    # -- opening ----------------------------------------------------------------------------

    def open(self) -> bool:
        """Open the books now and not at the first request; say whether they can decide."""
        try:
            desk, _ = self._ours()
            return desk.books.is_ready() and (desk.trail is None or not desk.trail.is_late())
        except Unserved:
            return False

    def close(self) -> None:
        """Give the books back. A request that comes later opens them again."""
        opened.close(self._data_dir)

    # -- waiting ----------------------------------------------------------------------------

    def wait(self, environ: Environ) -> None:
        """Keep who names a position for a moment, if this host does not stand there yet (S29)."""
        if AT_LEAST_KEY in environ:
            awaited.wait(lambda: self._is_behind(environ))

    async def wait_on_loop(self, environ: Environ) -> None:
        """Do the same on an event loop, which serves others meanwhile."""
        if AT_LEAST_KEY in environ:
            await awaited.wait_on_loop(lambda: self._is_behind(environ))

    def _is_behind(self, environ: Environ) -> bool:
        try:
            desk, _ = self._ours()
        except Unserved:
            return False
        return is_behind(environ, desk.books.reach)

    # -- deciding ---------------------------------------------------------------------------

    def ask(self, environ: Environ, method: str, target: str) -> Outcome:
        """Decide a request.

        Args:
            environ: its headers and the other end of its connection, as WSGI names them.
            method: as it was sent.
            target: path and query, as they would be sent for what the application reads.
        """
        more: Headers = []
        try:
            visitor = self._judged(environ, method, target, more)
        except (CounterfoilError, lmdb.Error) as error:
            return Outcome(None, self.refusal(error, more), more)
        return Outcome(visitor, None, more)

    def refusal(self, error: CounterfoilError | lmdb.Error, more: Headers) -> Answer:
        """Return status line, headers and body of a refusal."""
        told = error if isinstance(error, CounterfoilError) else _unread()
        return self._refusals.plain(told, more, self._metadata(told))

    def _metadata(self, error: CounterfoilError) -> str:
        try:
            desk, api = self._ours()
        except Unserved:
            return ""
        return desk.books.metadata_of(api, error)

    def _judged(self, environ: Environ, method: str, target: str, more: Headers) -> Visitor:
        desk, api = self._ours()
        books = desk.books
        if not environ.keys().isdisjoint(_RARE):
            require_plain(environ)
            stand(environ, books.reach)
        verifier = books.reader if self._routes else books.verifier  # a judge asks for the lease
        presented, digest = presented_in(environ, target, verifier)
        wanted = Wanted(
            api,
            method,
            target,
            presented,
            _preflight(environ) if method == "OPTIONS" else None,
            self._address_of(environ),
            environ.get("HTTP_USER_AGENT") or "",
            digest,
        )
        visitor = Visitor(desk, wanted)
        try:
            self._decide(desk, visitor, wanted, more)
        except CounterfoilError as error:
            visitor.refused(error)
            raise
        return visitor

    def _decide(self, desk: Desk, visitor: Visitor, wanted: Wanted, more: Headers) -> None:
        trail, id_, count = desk.trail, visitor.request_id, desk.books.pace.count
        if self._routes:
            let = desk.books.judge.judge(wanted)
            if let.caller and (told := count(let.caller, let.routed.limits.rate)):
                _keep_pace(told, let.about(), more)
            if trail is not None:
                trail.let(let, wanted, id_)
            visitor.let(let.caller, let.node)
        elif wanted.presented is not None or self._required:
            about = desk.books.referee.who(wanted)
            if told := count(about.caller, about.limits.rate):
                _keep_pace(told, about, more)
            if trail is not None:
                trail.meet(about, wanted, id_)
            visitor.let(about.caller, None)

    def _ours(self) -> tuple[Desk, ApiId]:
        return opened.desk_of(self._data_dir, self._api)


def api_of(text: str) -> ApiId:
    """Return the id of an API.

    Raises:
        ValueError: for what is none.
    """
    try:
        return ApiId(ids.read(Prefix.API, text))
    except NotFound:
        message = f"{text!r} is no id of an API: it looks like api_0000000000000000"
        raise ValueError(message) from None


def home_of(data_dir: str | Path | None) -> str:
    """Return where the server of this host has its data, as it is said or by COUNTERFOIL_DATA_DIR.

    Raises:
        ValueError: neither says it.
    """
    home = data_dir or os.environ.get(VARIABLE)
    if not home:
        message = f"say where the server of this host has its data: data_dir=…, or {VARIABLE}"
        raise ValueError(message)
    return str(Path(home).absolute())


def target(path: str | bytes, query: str) -> str:
    """Return the target that says the path which an application reads, and the query."""
    if isinstance(path, bytes) or path.rstrip(_PLAIN):
        path = quote(path, safe=_PATH)
    return f"{path}?{query}" if query else path


def _keep_pace(told: Sequence[pace.Told], about: About | None, more: Headers) -> None:
    """Say how a request stands to what bounds its token.

    Raises:
        Limited: it came too often.
    """
    more += pace.headers(told).items()
    pace.require_patience(told, about)


def _preflight(environ: Environ) -> str | None:
    """Return which method a browser of another origin asks about, if that is what this is."""
    if "HTTP_AUTHORIZATION" in environ or not environ.get("HTTP_ORIGIN"):
        return None
    asked: str | None = environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD")
    return asked


def _unread() -> Unserved:
    return Unserved(Code.NOT_READY, "The gate cannot look up tokens now.")
