"""Pictures: which kind a file is, and how large, as its first bytes say. Nothing is decoded."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

OPAQUE: Final = "application/octet-stream"
INERT: Final = frozenset(
    {
        "application/json", "application/pdf", "application/zip", "audio/mpeg", "audio/ogg",
        "font/woff2", "image/avif", "image/gif", "image/jpeg", "image/png", "image/webp",
        "text/csv", "text/plain", "video/mp4", "video/webm",
    }
)  # fmt: skip
"""The media types that are served by their name: those in which no browser runs anything."""

_SIZES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The JPEG markers that say how large the picture is (ITU T.81, table B.1)."""
_BARE: Final = frozenset({0x01, *range(0xD0, 0xDA)})
"""The JPEG markers that nothing follows."""
_MARK: Final = 0xFF
"""With this a JPEG marker begins, and what fills the room before one (ITU T.81, B.1.1.2)."""
_IHDR: Final = re.compile(rb".{12}IHDR(.{4})(.{4})", re.DOTALL)
"""What comes first in a PNG (PNG 3, section 11.2.1)."""
_VP8X: Final = re.compile(rb".{12}VP8X.{8}(.{3})(.{3})", re.DOTALL)
_VP8L: Final = re.compile(rb".{12}VP8L.{4}\x2f(.{4})", re.DOTALL)
_VP8: Final = re.compile(rb".{12}VP8 .{7}\x9d\x01\x2a(..)(..)", re.DOTALL)
"""The three that may come first in a WebP (RFC 9649, section 2)."""
_SIDE: Final = 0x3FFF
"""Of so many bits is a side of a WebP that has no VP8X."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the first bytes of a file say; a picture that cannot be measured is 0 by 0."""

    media_type: str
    width: int = 0
    height: int = 0


def look(head: bytes, declared: str = "") -> Look:
    """Return what a file is, by its first bytes; where they say nothing, by what was declared.

    What is not in `INERT`, and what claims to be what its bytes are not, is opaque.
    """
    for begins, media_type, measure in _BEGINNINGS:
        if begins.match(head):
            size = measure(head)
            return Look(media_type, *size) if all(size) else Look(media_type)
    return Look(declared if declared in INERT - _KNOWN_BY_BYTES else OPAQUE)


def _png(head: bytes) -> tuple[int, int]:
    found = _IHDR.match(head)
    return (0, 0) if found is None else (int.from_bytes(found[1]), int.from_bytes(found[2]))


def _gif(head: bytes) -> tuple[int, int]:
    """Read the logical screen descriptor (GIF89a, section 18)."""
    return _little(head[6:8]), _little(head[8:10])


def _jpeg(head: bytes) -> tuple[int, int]:
    """Go from segment to segment until one says the size (ITU T.81, B.2.2)."""
    at = 2
    while at + 9 <= len(head) and head[at] == _MARK:
        marker = head[at + 1]
        if marker == _MARK:
            at += 1
        elif marker in _BARE:
            at += 2
        elif marker in _SIZES:
            return int.from_bytes(head[at + 7 : at + 9]), int.from_bytes(head[at + 5 : at + 7])
        else:
            at += 2 + max(2, int.from_bytes(head[at + 2 : at + 4]))
    return 0, 0


def _webp(head: bytes) -> tuple[int, int]:
    if found := _VP8X.match(head):
        return _little(found[1]) + 1, _little(found[2]) + 1
    if found := _VP8L.match(head):
        bits = _little(found[1])
        return (bits & _SIDE) + 1, (bits >> 14 & _SIDE) + 1
    if found := _VP8.match(head):
        return _little(found[1]) & _SIDE, _little(found[2]) & _SIDE
    return 0, 0


def _little(some: bytes) -> int:
    return int.from_bytes(some, "little")


def _unmeasured(_head: bytes) -> tuple[int, int]:
    return 0, 0


_BEGINNINGS: Final[
    tuple[tuple[re.Pattern[bytes], str, Callable[[bytes], tuple[int, int]]], ...]
] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png", _png),
    (re.compile(rb"GIF8[79]a"), "image/gif", _gif),
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg", _jpeg),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp", _webp),
    (re.compile(rb"%PDF-"), "application/pdf", _unmeasured),
    (re.compile(rb"PK\x03\x04"), "application/zip", _unmeasured),
)
_KNOWN_BY_BYTES: Final = frozenset(media_type for _, media_type, _ in _BEGINNINGS)
