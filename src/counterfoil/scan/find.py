"""Whole tokens in a stream of bytes, whatever else those bytes are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from counterfoil.secret import BODY_CHARS, CHECK_CHARS, Kind, found_in, hint

CHUNK: Final = 1 << 20

_LONGEST: Final = 8 + 2 + BODY_CHARS + CHECK_CHARS
_KEEP: Final = 2 * _LONGEST
"""So much of a chunk is looked at again with the next one; a character may take two bytes."""

NAMES: Final = {
    Kind.PERSONAL: "personal token",
    Kind.SERVICE: "API token",
    Kind.EXCHANGED: "exchanged token",
    Kind.SESSION: "access token of a session",
    Kind.REFRESH: "refresh token",
    Kind.CLIENT: "secret of a key-and-secret pair",
    Kind.INVITATION: "one-time code",
    Kind.GATE: "credential of a gate",
}


class Readable(Protocol):
    """What bytes come from."""

    def read(self, size: int, /) -> bytes:
        """Return some bytes, at most so many; none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """A token: what it is, how it is named, and where it stands.

    Attributes:
        kind: what it is for.
        hint: its prefix and last four characters.
        offset: bytes before it.
        line: counted from 1; None where the bytes are no text.
        column: bytes before it in its line, counted from 1.
    """

    kind: str
    hint: str
    offset: int
    line: int | None
    column: int | None


def tokens_in(stream: Readable) -> Iterator[Found]:
    """Yield the tokens in a stream, in order; it is read once, and never held as a whole.

    They are found in binary files too, and in text of two bytes a character (UTF-16).
    """
    kept, begins, lines, line_began, binary = b"", 0, 1, 0, False
    while chunk := stream.read(CHUNK):
        window = kept + chunk
        text = window.decode("latin-1")
        binary = binary or "\0" in text
        for start, end in found_in(text):
            if end > len(kept):
                before = text.count("\n", 0, start)
                began = begins + text.rfind("\n", 0, start) + 1 if before else line_began
                at = begins + start
                place = (None, None) if binary else (lines + before, at - began + 1)
                yield _found(text[start:end], at, *place)
        if binary:
            yield from _wide(text, begins, len(kept))
        cut = max(0, len(window) - _KEEP)
        passed = text.count("\n", 0, cut)
        if passed:
            lines, line_began = lines + passed, begins + text.rfind("\n", 0, cut) + 1
        kept, begins = window[cut:], begins + cut


def _wide(text: str, begins: int, seen: int) -> Iterator[Found]:
    """Yield the tokens whose characters have a zero byte beside each."""
    narrow, at = text.replace("\0", ""), -1
    for start, end in found_in(narrow):
        token = narrow[start:end]
        there = text.find("\0".join(token), at + 1)
        if there < 0:
            continue
        at = there
        if at + 2 * len(token) - 1 > seen:
            yield _found(token, begins + at, None, None)


def _found(token: str, offset: int, line: int | None, column: int | None) -> Found:
    kind = Kind(token[token.index("_") - 1])
    return Found(NAMES[kind], hint(token), offset, line, column)
