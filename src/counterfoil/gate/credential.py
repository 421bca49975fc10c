"""The credential of a request: exactly one, in exactly one place (S11).

A token comes in `Authorization: Bearer …` and nowhere else. Cookies never count here.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote_plus

from counterfoil.kernel.errors import Code, Malformed, Refused
from counterfoil.secret import (
    BEARERS,
    DEFAULT_PREFIX,
    is_intact,
    is_placeholder,
    kind_of,
    pattern,
)

UNKNOWN: Final = "The access token is unknown or revoked."
"""What is said of every string that opens nothing, whatever is wrong with it (S3)."""

PLACEHOLDER: Final = (
    "This looks like a placeholder or a truncated token. Put your whole access token in its place."
)

_UNKNOWN: Final = Refused(Code.INVALID_TOKEN, UNKNOWN)
_PLACEHOLDER: Final = Refused(Code.INVALID_TOKEN, PLACEHOLDER)

_SCHEME: Final = "bearer "
BEARER: Final = "Bearer "
"""How nearly everybody spells it."""

log = logging.getLogger("counterfoil.gate")


def present(environ: Mapping[str, Any], prefix: str = DEFAULT_PREFIX) -> str | None:
    """Return the token that a request presents, not yet verified; None if it presents nothing.

    Raises:
        Malformed: if there are two credentials, or a token in the query string.
        Refused: for another scheme, an empty header, or one that no token fits into.
    """
    return presented(environ.get("HTTP_AUTHORIZATION"), environ.get("QUERY_STRING"), prefix)


def presented(header: str | None, query: str | None, prefix: str) -> str | None:
    """Return the token that a header presents beside a query; None if there is no header.

    Raises:
        Malformed, Refused: as `present` says.
    """
    if query and told_in(query, prefix) is not None:
        raise Malformed(
            Code.INVALID_REQUEST,
            "An access token stands in the address. Send it in the Authorization header, and "
            "replace it: addresses end up in logs.",
            meta={"error": "invalid_request"},
        )
    if header is None:
        return None
    if header.startswith(BEARER) and "," not in header:
        return header[len(BEARER) :]
    if "," in header:
        raise Malformed(
            Code.INVALID_REQUEST,
            "Send one credential, in one Authorization header.",
            meta={"error": "invalid_request"},
        )
    if header[: len(_SCHEME)].lower() != _SCHEME:
        raise unknown(header, prefix)
    return header[len(_SCHEME) :]


def unknown(text: str, prefix: str = DEFAULT_PREFIX) -> Refused:
    """The one answer to a string that opens nothing; a placeholder is named as such (K15)."""
    return (_PLACEHOLDER if is_placeholder(text, prefix) else _UNKNOWN).anew()


def stranger(presented: str, prefix: str = DEFAULT_PREFIX) -> Refused:
    """Answer a string that is in no book; tell the log alone what seems to be wrong."""
    if log.isEnabledFor(logging.DEBUG) and (guessed := _guessed(presented, prefix)):
        log.debug("%s was presented", guessed)
    return unknown(presented, prefix)


def _guessed(presented: str, prefix: str) -> str:
    try:
        if kind_of(presented, prefix) not in BEARERS:
            return "a secret that is no bearer token"
        return "" if is_intact(presented) else "a mistyped token"
    except Refused:
        return "a string that has not the form of a token"


def told_in(query: str, prefix: str = DEFAULT_PREFIX) -> str | None:
    """Return the token of our form that stands in a query string, however it is escaped."""
    if "%" in query or "+" in query:
        query = unquote_plus(query)
    found = _form(prefix).search(query) if prefix in query else None
    return None if found is None else found[0]


@lru_cache(maxsize=8)
def _form(prefix: str) -> re.Pattern[str]:
    return re.compile(pattern(prefix).replace(r"\b", ""))
