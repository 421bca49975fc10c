"""Pictures by their first bytes."""

from __future__ import annotations

import base64
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.content.picture import INERT, OPAQUE, Look, look


def _png(width: int, height: int) -> bytes:
    ihdr = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    crc = struct.pack(">I", zlib.crc32(ihdr))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + ihdr + crc


def _jpeg(width: int, height: int, sof: int) -> bytes:
    """A JPEG with Exif data in which the size of a thumbnail stands, before its own."""
    thumbnail = b"\xff\xd8\xff\xc0\x00\x11\x08" + struct.pack(">HH", 9, 9)
    exif = b"\xff\xe1" + struct.pack(">H", 2 + len(thumbnail)) + thumbnail
    tables = b"\xff\xdb" + struct.pack(">H", 67) + bytes(65) + b"\xff\xc4\x00\x03\x00"
    frame = bytes([0xFF, 0xFF, sof]) + struct.pack(">HBHH", 17, 8, height, width) + bytes(10)
    return b"\xff\xd8" + exif + tables + frame


LOSSY = base64.b64decode("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA")
LOSSLESS = base64.b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
EXTENDED = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\x7f\x02\0" + b"\xdf\x01\0"
GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


@pytest.mark.parametrize(
    ("head", "seen"),
    [
        (_png(640, 480), Look("image/png", 640, 480)),
        (_png(640, 480)[:20], Look("image/png")),
        (_jpeg(640, 480, 0xC0), Look("image/jpeg", 640, 480)),
        (_jpeg(70_00, 3, 0xC2), Look("image/jpeg", 7_000, 3)),
        (_jpeg(1, 1, 0xC0)[:30], Look("image/jpeg")),
        (LOSSY, Look("image/webp", 1, 1)),
        (LOSSLESS, Look("image/webp", 1, 1)),
        (EXTENDED, Look("image/webp", 640, 480)),
        (GIF, Look("image/gif", 1, 1)),
        (b"%PDF-1.7", Look("application/pdf")),
    ],
)
def test_looks(head: bytes, seen: Look) -> None:
    """Type and size of a picture are read from its head; what is cut off has no size."""
    assert look(head, "text/html") == seen


def test_what_is_declared() -> None:
    """What is declared counts only if no browser runs it and no bytes would have shown it (S37)."""
    assert look(b"a,b", "text/csv") == Look("text/csv")
    for claimed in ("text/html", "image/svg+xml", "image/png", "application/pdf", ""):
        assert look(b"<script>", claimed) == Look(OPAQUE)


@given(st.sampled_from([GIF[:6], LOSSY[:16], EXTENDED[:16], b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]),
       st.binary(max_size=200))  # fmt: skip
def test_any_bytes(begins: bytes, rest: bytes) -> None:
    """Whatever follows a known beginning, there is an answer, and it is inert."""
    seen = look(begins + rest)
    assert seen.media_type in INERT | {OPAQUE}
    assert seen.width >= 0 <= seen.height
