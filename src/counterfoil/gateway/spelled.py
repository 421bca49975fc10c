"""How a request is handed on, as WSGI spells it (PEP 3333), and how an answer is written down."""

from __future__ import annotations

from email.utils import format_datetime
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_to_bytes

from httptools import HttpParserInvalidURLError, parse_url

from counterfoil.gateway.original import ADVERSE
from counterfoil.kernel.clock import Clock

COOKIE: Final = "HTTP_COOKIE"
EXPECT: Final = "HTTP_EXPECT"
LENGTH: Final = "CONTENT_LENGTH"
TRANSFER: Final = "HTTP_TRANSFER_ENCODING"
"""Either of these says that a body comes."""

_BARE: Final = frozenset({LENGTH, "CONTENT_TYPE"})
_CLOSE: Final = "Connection: close\r\n"
_NAMES: Final = 1_024
_NAME_BYTES: Final = 64


class SplitError(ValueError):
    """An answer would be more than one, or none: a header has the end of a line in it."""


def name_of(name: bytes) -> str | None:
    """Return how a header is called; None for one that is handed on to nobody.

    One with `_` would pass for one with `-`: so it is told where that can only lead to a no.
    """
    return _short(name) if len(name) <= _NAME_BYTES else _key(name)


def _key(name: bytes) -> str | None:
    text = name.decode("latin-1").upper().replace("-", "_")
    key = text if text in _BARE else f"HTTP_{text}"
    return key if b"_" not in name or key in ADVERSE else None


_short: Final = lru_cache(_NAMES)(_key)
"""The same, remembered: names are few, and any that are not fill little."""


def value_of(value: bytes) -> str:
    """Return what a header says; what is no ASCII in it is U+FFFD, which no header of ours has."""
    return value.decode("ascii", "replace").strip(" \t")


def address(url: bytes) -> tuple[str, str] | None:
    """Return path, decoded once, and query of a request's target; None if it is none."""
    if not url.isascii():
        return None
    if not url.startswith((b"/", b"*")):
        try:
            parsed = parse_url(url)
        except HttpParserInvalidURLError:
            return None
        return _decoded(parsed.path or b"/"), (parsed.query or b"").decode()
    path, _, query = url.partition(b"#")[0].partition(b"?")
    return _decoded(path), query.decode()


def _decoded(path: bytes) -> str:
    return (unquote_to_bytes(path) if b"%" in path else path).decode("latin-1")


class Pen:
    """Writes answers down, with the time of day that it was last told to look at.

    Args:
        clock: says it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.look()

    def look(self) -> None:
        """See what time it is: often enough for a date, which is in whole seconds."""
        self._ends = f"Date: {format_datetime(self._clock(), usegmt=True)}\r\n"

    def write(
        self, status: str, headers: list[tuple[str, str]], body: bytes, *, is_last: bool
    ) -> bytes:
        """Return an answer as it is sent.

        Raises:
            SplitError: if a header holds the end of a line.
            UnicodeEncodeError: if one holds what no header can.
        """
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
        if not lines.count("\n") == lines.count("\r") == len(headers):
            raise SplitError(status)
        ends = f"{self._ends}{_CLOSE}" if is_last else self._ends
        return f"HTTP/1.1 {status}\r\n{lines}{ends}\r\n".encode("latin-1") + body
