"""A second reading of addresses, by letter and not by pattern, from RFC 3986 and decision 80 alone.

It is slow and dull on purpose, and imports nothing of `counterfoil.routing`.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterator
from typing import Final

UNRESERVED: Final = frozenset(string.ascii_letters + string.digits + "-._~")
IN_A_STEP: Final = UNRESERVED | frozenset("!$&'()*+,=:@")
HEX: Final = frozenset(string.hexdigits)
ENDS: Final = "/\\%;?#"
CHARS: Final = 8_192
STEPS: Final = 32


def steps(target: str) -> tuple[str, ...] | None:
    """Return the steps of an address; None if it is to be refused."""
    if len(target) > CHARS:
        return None
    path, mark, query = target, "", ""
    for at, letter in enumerate(target):
        if letter == "?":
            path, mark, query = target[:at], letter, target[at + 1 :]
            break
    if mark and any(not "!" <= letter <= "~" or letter == "#" for letter in query):
        return None
    if not path or path[0] != "/":
        return None
    found = []
    for spelled in _cut(path[1:], "/"):
        raw = _bytes(spelled)
        text = None if raw is None else _text(raw)
        if text is None or not _plain(text):
            return None
        found.append(text)
    if len(found) > STEPS or not all(found[:-1]):
        return None
    return tuple(found)


def value(query: str, name: str) -> tuple[bool, str | None]:
    """Say whether everybody reads one parameter of a query alike, and how (None: not at all)."""
    if ";" in query:
        return False, None
    values = []
    for piece in _cut(query, "&") if query else []:
        at = piece.find("=")
        key = _form(piece if at < 0 else piece[:at])
        if key is None:
            return False, None
        if key == name:
            said = _form("" if at < 0 else piece[at + 1 :])
            if said is None:
                return False, None
            values.append(said)
        elif _loose(key.split("[")[0]) == _loose(name):
            return False, None
    if len(values) > 1:
        return False, None
    return True, values[0] if values else None


def _cut(text: str, sign: str) -> Iterator[str]:
    piece = ""
    for letter in text:
        if letter == sign:
            yield piece
            piece = ""
        else:
            piece += letter
    yield piece


def _bytes(spelled: str) -> bytes | None:
    out, at = bytearray(), 0
    while at < len(spelled):
        letter = spelled[at]
        if letter == "%":
            two = spelled[at + 1 : at + 3]
            if len(two) != 2 or not HEX.issuperset(two):
                return None
            out.append(int(two, 16))
            at += 3
        elif letter in IN_A_STEP:
            out.append(ord(letter))
            at += 1
        else:
            return None
    return bytes(out)


def _form(spelled: str) -> str | None:
    """Decode a name or a value as forms do."""
    out, at = bytearray(), 0
    while at < len(spelled):
        letter = spelled[at]
        if letter == "%":
            two = spelled[at + 1 : at + 3]
            if len(two) != 2 or not HEX.issuperset(two):
                return None
            out.append(int(two, 16))
            at += 3
        else:
            out += b" " if letter == "+" else letter.encode()
            at += 1
    return _text(bytes(out))


def _text(raw: bytes) -> str | None:
    try:
        return raw.decode("utf-8", "strict")
    except UnicodeDecodeError:
        return None


def _plain(text: str) -> bool:
    """Whether nobody takes a step for more, or for less, than it is."""
    wide = unicodedata.normalize("NFKC", text)
    if any(sign in wide for sign in ENDS) or wide[-1:] in {".", " "} or wide[:1] == " ":
        return False
    if unicodedata.normalize("NFC", text) != text:
        return False
    return all(_shows(letter) for letter in text)


def _shows(letter: str) -> bool:
    """Whether a letter can be seen: neither control, format, separator, nor unassigned."""
    return letter == " " or unicodedata.category(letter)[0] not in "CZ"


def _loose(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()
