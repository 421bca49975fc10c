"""What a proxy says of the request that it asks about.

Only the proxy's own words count, and a door knows where its proxy puts them: a client may send any
header that we read, so each is one that the proxy sets on every request. Where it is missing,
nobody knows what is asked about, and the answer is no.

A name with an underscore (`X_Original_URI`) is no other spelling of a proxy's word here, nor do the
configurations that we ship let one through. Where Granian serves, which tells both as one, a proxy
has to; `counterfoil doctor --proxy` tries it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import quote, unquote_to_bytes

from counterfoil.gate.asked import Wanted
from counterfoil.gate.presented import presented_in
from counterfoil.gate.verifier import Verifier
from counterfoil.gateway.identity import ASSERTION, NAMES
from counterfoil.kernel.errors import Code, Malformed
from counterfoil.kernel.ids import HIGHEST, LOWEST, ApiId

_PATH: Final = "/~!$&'()*+,=:@-._"
_API: Final = re.compile(r"/api_([0-9]{16})(?=/|$)")


class Words(NamedTuple):
    """In which headers a proxy says what the client asked for, and from where."""

    method: str
    target: str
    address: str = "HTTP_X_FORWARDED_FOR"


NGINX: Final = Words("HTTP_X_ORIGINAL_METHOD", "HTTP_X_ORIGINAL_URI")
FORWARD: Final = Words("HTTP_X_FORWARDED_METHOD", "HTTP_X_FORWARDED_URI")
ENVOY: Final = Words("REQUEST_METHOD", "HTTP_X_ORIGINAL_URI", "HTTP_X_ORIGINAL_ADDRESS")
"""Envoy asks by the request itself. In X-Forwarded-For it writes its host's own address in place of
127.0.0.1 and ::1, and behind another proxy that one's: so the client's comes in a header apart."""

_OTHERWISE: Final = (
    "HTTP_X_HTTP_METHOD_OVERRIDE",
    "HTTP_X_HTTP_METHOD",
    "HTTP_X_METHOD_OVERRIDE",
    "HTTP_X_ORIGINAL_URL",
    "HTTP_X_REWRITE_URL",
)
"""By these a client asks some APIs for another method or address than the one that we judge."""


def told(environ: Mapping[str, Any], words: Words, api: ApiId, verifier: Verifier) -> Wanted:
    """Return the request that a proxy asks about by headers.

    Raises:
        Malformed: it does not say, or the client would have the API do something else.
    """
    target = environ.get(words.target)
    if not environ.get(words.method) or not target:
        raise _unknown("the proxy does not say which method and address it asks about")
    return _wanted(environ, words, api, target, verifier)


def api_in(path: str, usual: ApiId | None) -> tuple[ApiId | None, str]:
    """Return which API the path of a door names, and what is left of it.

    Args:
        path: what is left of an address of ours without the door's own.
        usual: which is meant where none is named. What can be no id names none and means none: it
            is somebody's mistake, and nothing of it may stand on record.
    """
    named = _API.match(path)
    if named is None:
        return usual, path
    id_ = int(named[1])
    return ApiId(id_) if LOWEST <= id_ <= HIGHEST else None, path[named.end() :]


def mirrored(environ: Mapping[str, Any], path: str, api: ApiId, verifier: Verifier) -> Wanted:
    """Return the request that a proxy asks about by the very same request, as Envoy does.

    The server has decoded its path, so the one that was sent comes in a header, and both have to
    agree: what a client could forge is then nothing but itself. From where it was sent stands in a
    header of its own, and where that is missing it is from nowhere.

    Args:
        environ: of the proxy's request.
        path: what is left of its path without the door's own.
        api: which API it is for.
        verifier: reads what is presented.

    Raises:
        Malformed: as `told` says, and where the two do not agree.
    """
    target = environ.get(ENVOY.target)
    if not target:
        raise _unknown("the proxy does not say which address it asks about")
    sent, _, query = target.partition("?")
    decoded = unquote_to_bytes(sent)
    same = decoded in {path.encode("latin-1", "replace"), path.encode()}
    if not same or query != (environ.get("QUERY_STRING") or ""):
        raise _unknown("the proxy's request and what it says of it are two addresses")
    return _wanted(environ, ENVOY, api, target, verifier)


def copied(environ: Mapping[str, Any], path: str, api: ApiId, verifier: Verifier) -> Wanted:
    """Return the request of which a proxy sends a copy: the very same, behind a door of ours.

    Its address is the one that was read and not the one that was sent, for some proxies can say no
    other. Nothing may be decided by it.

    Raises:
        Malformed: the client would have the API do something else.
    """
    sent = quote(path.encode("latin-1", "replace"), safe=_PATH)
    query = environ.get("QUERY_STRING")
    return _wanted(environ, ENVOY, api, f"{sent}?{query}" if query else sent, verifier)


_SIGNED: Final = tuple(f"HTTP_{name.upper().replace('-', '_')}" for name in (*NAMES, ASSERTION))


ADVERSE: Final = frozenset({*_OTHERWISE, *_SIGNED})
"""What no client may send: the API behind could take it for our word, or for its orders."""


def require_plain(environ: Mapping[str, Any]) -> None:
    """Return if no header would have the API do something else than what is judged.

    Raises:
        Malformed: if one would.
    """
    if environ.keys().isdisjoint(ADVERSE):
        return
    if not environ.keys().isdisjoint(_OTHERWISE):
        raise _unknown("a header asks the API for another method or address")
    raise _unknown("a header says who sent it, which the proxy has to drop first")


def _wanted(
    environ: Mapping[str, Any], words: Words, api: ApiId, target: str, verifier: Verifier
) -> Wanted:
    require_plain(environ)
    method = str(environ[words.method])
    presented, digest = presented_in(environ, target, verifier)
    preflight = None
    if method == "OPTIONS" and presented is None and environ.get("HTTP_ORIGIN"):
        preflight = environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD")
    address = (environ.get(words.address) or "").rpartition(",")[2].strip()
    agent = environ.get("HTTP_USER_AGENT") or ""
    return Wanted(api, method, target, presented, preflight, address, agent, digest)


def _unknown(why: str) -> Malformed:
    return Malformed(
        Code.INVALID_REQUEST,
        f"The gate does not know what it is asked: {why}.",
        meta={"error": "invalid_request"},
    )
