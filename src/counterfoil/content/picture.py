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
    """Read IHDR, which comes first (PNG 3, section 11.2.1)."""
    if head[12:16] != b"IHDR" or len(head) < 24:  # noqa: PLR2004 - where IHDR's sizes end
        return 0, 0
    return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])


def _gif(head: bytes) -> tuple[int, int]:
    """Read the logical screen descriptor (GIF89a, section 18)."""
    return _pair(head, 6)


def _jpeg(head: bytes) -> tuple[int, int]:
    """Go from segment to segment until one says the size (ITU T.81, B.2.2)."""
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:  # noqa: PLR2004 - how markers begin
        marker = head[at + 1]
        if marker == 0xFF:  # noqa: PLR2004 - a fill byte
            at += 1
        elif marker in _BARE:
            at += 2
        elif marker in _SIZES:
            return int.from_bytes(head[at + 7 : at + 9]), int.from_bytes(head[at + 5 : at + 7])
        else:
            at += 2 + max(2, int.from_bytes(head[at + 2 : at + 4]))
    return 0, 0


def _webp(head: bytes) -> tuple[int, int]:
    """Read the first chunk, of which there are three kinds (RFC 9649, section 2)."""
    kind = head[12:16]
    if kind == b"VP8X" and len(head) >= 30:  # noqa: PLR2004 - where its sizes end
        return (
            int.from_bytes(head[24:27], "little") + 1,
            int.from_bytes(head[27:30], "little") + 1,
        )
    if kind == b"VP8L" and len(head) >= 25 and head[20] == 0x2F:  # noqa: PLR2004 - its signature
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        width, height = _pair(head, 26)
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _pair(head: bytes, at: int) -> tuple[int, int]:
    return (
        int.from_bytes(head[at : at + 2], "little"),
        int.from_bytes(head[at + 2 : at + 4], "little"),
    )


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
