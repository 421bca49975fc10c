"""The wicket: a gate's question is answered here, past the whole house, where it is a plain one.

A gate asks twice for each change, four gates eight times; that took a good part of the processor
that a revocation has. A question that is spelled as our gates spell it needs its credential known
and an answer signed, and nothing else. Whatever is not so, and whatever fails, goes the whole way,
which says why.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

import msgspec

from counterfoil.feed.page import Ask
from counterfoil.feed.stands import HEADER, TOLD_HEADER, read
from counterfoil.gates.tell import Teller
from counterfoil.jsonapi.desk import ROUTE
from counterfoil.jsonapi.guard import Told
from counterfoil.jsonapi.incoming import Room, read_body
from counterfoil.jsonapi.reply import Setting, answered, spelled
from counterfoil.jsonapi.route import Answer, Route
from counterfoil.kernel.errors import CounterfoilError, Refused, Unserved
from counterfoil.secret import Kind, digest, kind_of

PATH: Final = "/gates/feed"
_BEARER: Final = "Bearer "
_LONGEST: Final = 512
_STANDS, _TOLD = (f"HTTP_{one.upper().replace('-', '_')}" for one in (HEADER, TOLD_HEADER))


class Wicket:
    """Answers gates on other hosts, or not at all.

    Args:
        teller: says what comes next.
        route: of the door at which the same is answered to whoever asks otherwise.
        room: for bodies that are on their way.
        prefix: of credentials.
        always: headers that every answer of the server has.
    """

    def __init__(
        self, teller: Teller, route: Route, room: Room, prefix: str, always: dict[str, str]
    ) -> None:
        self._teller = teller
        self._route = route.name
        self._room = room
        self._prefix = prefix
        plain = Answer(200, b"", {"Content-Type": route.media, "Cache-Control": "no-store"})
        line, headers, _ = spelled(answered(plain, Setting("", more=always)))
        self._line = line
        self._headers = [one for one in headers if one[0] != "content-length"]

    def __call__(self, environ: dict[str, Any]) -> Told | None:
        """Return the answer to a request; None if it has to go the whole way."""
        if environ.get("PATH_INFO") != PATH or not _is_plain(environ):
            return None
        key = self._key(environ.get("HTTP_AUTHORIZATION", ""))
        page = None if key is None else self._page(key, environ)
        if page is None:
            return None
        environ[ROUTE] = self._route
        return self._line, [*self._headers, ("content-length", str(len(page)))], [page]

    def _key(self, said: str) -> bytes | None:
        text = said[len(_BEARER) :] if said.startswith(_BEARER) else ""
        try:
            return digest(text) if kind_of(text, self._prefix) is Kind.GATE else None
        except Refused:
            return None

    def _page(self, key: bytes, environ: dict[str, Any]) -> bytes | None:
        """Return what is told; where nothing is, what was read can be read again."""
        raw = b""
        try:
            raw = read_body(environ, self._room)
        except Unserved:
            return None  # before anything was read
        except CounterfoilError:
            pass  # it was cut short, and is so again
        environ["wsgi.input"] = BytesIO(raw)
        try:
            ask = msgspec.json.decode(raw, type=Ask)
            stands = read(environ.get(_STANDS, ""), environ.get(_TOLD, ""))
            return self._teller.page(key, ask, stands) if msgspec.json.encode(ask) == raw else None
        except Exception:  # noqa: BLE001 - whatever it is, the whole way says it
            return None


def _is_plain(environ: dict[str, Any]) -> bool:
    length = environ.get("CONTENT_LENGTH") or ""
    return (
        environ.get("REQUEST_METHOD") == "POST"
        and environ.get("CONTENT_TYPE") == "application/json"
        and not environ.get("QUERY_STRING")
        and "HTTP_TRANSFER_ENCODING" not in environ
        and length.isdecimal()
        and len(length) <= len(str(_LONGEST))
        and int(length) <= _LONGEST
    )
