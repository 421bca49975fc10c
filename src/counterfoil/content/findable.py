"""What an entry can be found by: its values, in a form that sorts as they do, and its words.

A value is spelled as text whose first letter says what it is: `b` true or false, `n` a number, `s`
text, `x` a list or an object, of which it is only known that it is there. What a list holds is kept
besides, value by value.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Final

from counterfoil.content import keywords

LONGEST_NAME: Final = 100
LONGEST_VALUE: Final = 200
"""How much of a text is kept to filter and sort by."""

MOST_MEMBERS: Final = 500
"""By so many values of a list an entry is found."""

OPAQUE: Final = "x"
"""How a list or an object is spelled, of which it is only known that it is there."""

MOST_WORDS: Final = 10_000
"""How many different words of an entry are found."""

LOWEST: Final = ""
HIGHEST: Final = "~"
"""What sorts before, and after, every value."""

NO_LOCALE: Final = ""
_WORD_CHARS: Final = 60
_ALONE: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Scripts without spaces: each character stands for a word."""

_WORD: Final = re.compile(rf"[{_ALONE}]|(?:(?![{_ALONE}])[^\W_]|[\u0300-\u036f])+")
_SIGN: Final = 1 << 63
_EVERY_BIT: Final = (1 << 64) - 1


def spelled(value: object) -> str | None:
    """Return how a value is kept; None for null, which is as if it were absent."""
    if value is None:
        return None
    if isinstance(value, bool):
        return f"b{int(value)}"
    if isinstance(value, int | float):
        return f"n{_number(value)}"
    if isinstance(value, str):
        return f"s{value[:LONGEST_VALUE]}"
    return OPAQUE


def _number(value: float) -> str:
    """Return sixteen hexadecimal digits that sort as the numbers do."""
    (bits,) = struct.unpack(">Q", struct.pack(">d", float(value) + 0.0))
    return f"{bits ^ _EVERY_BIT if bits & _SIGN else bits | _SIGN:016x}"


def values(body: bytes, content: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what is kept of an entry's members: the name, the locale if it has some, the value."""
    localized = keywords.localized(body)
    for name, value in content.items():
        if len(name) > LONGEST_NAME:
            continue
        if name in localized and isinstance(value, Mapping):
            for locale, one in value.items():
                if (kept := spelled(one)) is not None:
                    yield name, locale, kept
        elif (kept := spelled(value)) is not None:
            yield name, NO_LOCALE, kept


def members(body: bytes, content: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what lists hold, each value once: the name, the locale if it has some, the value."""
    localized = keywords.localized(body)
    for name, value in content.items():
        if len(name) > LONGEST_NAME:
            continue
        by_locale = name in localized and isinstance(value, Mapping)
        for locale, held in value.items() if by_locale else ((NO_LOCALE, value),):
            kept = {spelled(one) for one in held[:MOST_MEMBERS]} if isinstance(held, list) else ()
            for one in kept:
                if one is not None and one != OPAQUE:
                    yield name, locale, one


def words(body: bytes, content: Mapping[str, Any]) -> list[str]:
    """Return the different words of an entry, in every locale; what it refers to is none."""
    for place in keywords.places(body):
        content = place.kept(content, _nothing)
    found: dict[str, None] = {}
    for text in _texts(content):
        for word in words_of(text):
            found[word] = None
            if len(found) == MOST_WORDS:
                return list(found)
    return list(found)


def words_of(text: str) -> Iterator[str]:
    """Yield the words of a text, without case and accents."""
    for match in _WORD.finditer(text):
        word = match.group()[:_WORD_CHARS]
        folded = word.lower() if word.isascii() else _folded(word)
        if folded:
            yield folded


def _folded(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in plain if char.isalnum())


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _nothing(_value: object) -> bool:
    return False
