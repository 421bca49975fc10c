"""A second reading of credentials: by the words of RFC 6750 and our own format, letter by letter.

It knows a few tokens by heart and compares whole strings; no digest, no prefix, no pattern. Which
letters stand for a kind is the one thing that it shares with our reader.
"""

from __future__ import annotations

import string
from collections.abc import Collection
from typing import Final

from counterfoil.secret import Kind

LETTERS: Final = frozenset(string.ascii_letters + string.digits)
KINDS: Final = frozenset(one.value for one in Kind)
LENGTH: Final = 53
"""Of a token whose prefix has two letters."""


def opens(header: str, query: str, known: Collection[str]) -> str | None:
    """Return the known token that a request presents; None if it presents none of them."""
    if shows_token(query):
        return None
    scheme, rest = header[:7], header[7:]
    if scheme.lower() != "bearer ":
        return None
    return rest if rest in known else None


def shows_token(query: str) -> bool:
    """Whether a token of our form stands in a query, as written or as a form decodes it."""
    if "%" in query or "+" in query:
        query = _decoded(query)
    return any(_is_token(query[at : at + LENGTH]) for at in range(len(query) - LENGTH + 1))


def _is_token(text: str) -> bool:
    return (
        len(text) == LENGTH
        and text[:2] == "cf"
        and text[2] in KINDS
        and text[3] == "_"
        and all(letter in LETTERS for letter in text[4:])
    )


def _decoded(query: str) -> str:
    out, at = bytearray(), 0
    raw = query.encode("utf-8", "surrogateescape")
    while at < len(raw):
        byte = raw[at : at + 1]
        two = raw[at + 1 : at + 3]
        if byte == b"%" and len(two) == 2 and all(chr(one) in string.hexdigits for one in two):
            out.append(int(two, 16))
            at += 3
        else:
            out += b" " if byte == b"+" else byte
            at += 1
    return out.decode("utf-8", "replace")
