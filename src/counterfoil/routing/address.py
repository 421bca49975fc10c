"""Addresses: the one reading of a request's target.

Whoever decides by an address and whoever serves it must read the same one. So there is no repair
here: an address is decoded once, and one that another program could read differently is refused,
however innocent it may be (S51).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple
from urllib.parse import unquote_plus, unquote_to_bytes

MOST_CHARS: Final = 8_192
MOST_STEPS: Final = 32

_PLAIN: Final = re.compile(r"/(?:[A-Za-z0-9_~!$&'()*+,=:@-][A-Za-z0-9_~!$&'()*+,=:@/-]*)?")
"""Most paths: nothing escaped and no dot, so that only empty steps are left to look for."""
_PATH: Final = re.compile(r"/(?:[A-Za-z0-9._~!$&'()*+,=:@/-]|%[0-9A-Fa-f]{2})*")
"""What RFC 3986 §3.3 has in a path, without the parameters that begin with `;`."""
_VISIBLE: Final = re.compile(r"[!-~]+")
_AMBIGUOUS: Final = frozenset("/\\%;?#")
"""What a step may not hold once it is decoded: a second reader may see the end of it here."""
_BROKEN: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")

METHOD: Final = re.compile(r"[A-Z]{1,20}")


class UnreadableError(ValueError):
    """An address that could be read in two ways, or in none. Says what is wrong with it."""


class Address(NamedTuple):
    """The target of a request, read once.

    Attributes:
        steps: of the path, decoded; the last is empty where the path ends with a slash.
        query: as it was sent, without its question mark.
    """

    steps: tuple[str, ...]
    query: str


def read(target: str) -> Address:
    """Read a request's target as it stood on the request line: `/pages/12?draft=1`.

    Raises:
        UnreadableError: for whatever is not plain.
    """
    path, _, query = target.partition("?")
    require_plain(target, query)
    if not _PLAIN.fullmatch(path):
        return Address(_careful(path), query)
    return Address(tuple(_parted(path)), query)


def require_plain(target: str, query: str) -> None:
    """Return if a target is no longer than anybody needs, and its query holds what a query has.

    Raises:
        UnreadableError: if not.
    """
    if len(target) > MOST_CHARS:
        raise UnreadableError("the address is too long")
    if query and (not _VISIBLE.fullmatch(query) or "#" in query):
        raise UnreadableError("the query holds what no query has")


def step(text: str) -> str:
    """Return a step of a path, decoded, if everybody reads it alike.

    Raises:
        UnreadableError: if not.
    """
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    if not text.isprintable() or not _AMBIGUOUS.isdisjoint(folded):
        raise UnreadableError("a step of the path holds what others may take for its end")
    if folded.endswith((".", " ")) or folded.startswith(" "):
        raise UnreadableError("a step of the path ends with a dot, or has a space at its edge")
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        raise UnreadableError("a step of the path is not in Unicode's composed form")
    return text


def parameter(query: str, name: str) -> str | None:
    """Return the one value of a parameter; None if the query does not name it.

    Raises:
        UnreadableError: if it is there twice or under a name that some take for the same, or if the
            query can be parted in two ways.
    """
    if not query:
        return None
    if ";" in query:
        raise UnreadableError("the query has a semicolon, which some read as an ampersand")
    found: list[str] = []
    for piece in query.split("&"):
        spelled, _, value = piece.partition("=")
        plain = _decoded(spelled)
        if plain == name:
            found.append(_decoded(value))
        elif alike(plain.partition("[")[0]) == alike(name):
            raise UnreadableError(f"the query says {name} in a second spelling")
    if len(found) > 1:
        raise UnreadableError(f"the query says {name} twice")
    return found[0] if found else None


def alike(text: str) -> str:
    """Return the form in which two spellings are too alike for every reader to tell them apart."""
    if text.isascii():
        return text.strip().lower()
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _careful(path: str) -> tuple[str, ...]:
    """Read a path in which something is escaped or has a dot."""
    if not _PATH.fullmatch(path):
        raise UnreadableError("the path holds what no path has, or does not begin with a slash")
    return tuple(step(_text(one)) for one in _parted(path))


def _parted(path: str) -> list[str]:
    """Return the steps of a path as they are spelled; the last alone may be empty."""
    steps = path[1:].split("/")
    if "" in steps[:-1]:
        raise UnreadableError("a step of the path is empty")
    if len(steps) > MOST_STEPS:
        raise UnreadableError(f"the path has more than {MOST_STEPS} steps")
    return steps


def _text(escaped: str) -> str:
    try:
        return unquote_to_bytes(escaped).decode()
    except UnicodeDecodeError:
        raise UnreadableError("the path is not UTF-8") from None


def _decoded(text: str) -> str:
    if _BROKEN.search(text):
        raise UnreadableError("the query has a % that escapes nothing")
    try:
        return unquote_plus(text, errors="strict")
    except UnicodeDecodeError:
        raise UnreadableError("the query is not UTF-8") from None
