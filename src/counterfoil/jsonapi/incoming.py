"""Bodies on their way in: read whole or piece by piece, and never with the last free thread.

The server reads a body in the thread that serves its request, for as long as its client takes. So
fewer may be on their way at a time than there are threads: whoever sends half of one, and then
nothing, keeps a place from other bodies, and nobody from asking.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from counterfoil.jsonapi.body import LARGEST
from counterfoil.jsonapi.route import Route
from counterfoil.kernel.errors import Code, Malformed, Unserved

THREADS_FREE: Final = 2
"""One that serves requests without a body, and one in which a body may wait for its place."""

_EMPTY_OBJECT: Final = 64
"""Bytes within which a body may still be `{}`, as some clients send it with every POST."""

_PATIENCE_S: Final = 1.0
_YOUNG_S: Final = 0.25
"""A body that is on its way for less may well have come in a moment: others wait for its place."""


class Room:
    """Places for the bodies that are on their way in one process.

    Args:
        threads: how many requests it serves at a time. Two are kept free, if there are more.
    """

    def __init__(self, threads: int) -> None:
        self._places = threading.Semaphore(max(1, threads - THREADS_FREE))
        self._line = threading.Lock()
        self._held: dict[object, float] = {}

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place.

        Raises:
            Unserved: NOT_READY if all are taken by bodies that stall, and somebody waits already.
        """
        if not self._places.acquire(blocking=False) and not self._wait():
            raise Unserved(Code.NOT_READY, "Too many bodies are on their way. Nothing was changed.")
        held = object()
        self._held[held] = time.monotonic()
        try:
            yield
        finally:
            del self._held[held]
            self._places.release()

    def longest_s(self) -> float:
        """Return for how many seconds the longest of them has been on its way."""
        now = time.monotonic()
        return now - min(list(self._held.values()), default=now)

    def _wait(self) -> bool:
        now = time.monotonic()
        if now - max(list(self._held.values()), default=now) < _YOUNG_S:
            return self._places.acquire(timeout=_YOUNG_S)
        if not self._line.acquire(blocking=False):
            return False
        try:
            return self._places.acquire(timeout=_PATIENCE_S)
        finally:
            self._line.release()


def taken(route: Route, environ: Mapping[str, Any], room: Room) -> bytes:
    """Read what a route takes; nobody is waited for where it takes nothing.

    Raises:
        Malformed: INVALID_REQUEST for a body that a route does not take.
    """
    if route.streams or (route.open and route.takes is None):
        return b""
    if route.takes is not None:
        return read_body(environ, room)
    length = declared(environ)
    if length is not None and length > _EMPTY_OBJECT:
        raise _takes_none()
    raw = read_body(environ, room)
    if raw.strip() not in {b"", b"{}"}:
        raise _takes_none()
    return b""


def read_body(environ: Mapping[str, Any], room: Room) -> bytes:
    """Read a body whole.

    Raises:
        Malformed: BODY_TOO_LARGE beyond the limit; INVALID_REQUEST if it ended early.
        Unserved: NOT_READY if there is no room for it.
    """
    return b"".join(pieces(environ, room, LARGEST))


def pieces(environ: Mapping[str, Any], room: Room, largest: int) -> Iterator[bytes]:
    """Read a body of at most so many bytes piece by piece.

    Raises:
        Malformed: BODY_TOO_LARGE beyond the limit; INVALID_REQUEST if it ended early.
        Unserved: NOT_READY if there is no room for it.
    """
    length = declared(environ)
    if length == 0:
        return
    if length is not None and length > largest:
        raise too_large(largest)
    came = 0
    with room.place():
        while piece := _read(environ, min(LARGEST, largest - came) + 1):
            came += len(piece)
            if came > largest:
                raise too_large(largest)
            yield piece
    if length is not None and came != length:
        raise _cut_off()


def declared(environ: Mapping[str, Any]) -> int | None:
    """Return how long a body says that it is; None if it comes in chunks and does not say.

    Raises:
        Malformed: INVALID_REQUEST if that is no number.
    """
    length = str(environ.get("CONTENT_LENGTH") or "")
    if "HTTP_TRANSFER_ENCODING" in environ:
        return None
    if not length:
        return 0
    if not (length.isascii() and length.isdigit() and len(length) <= 18):  # noqa: PLR2004 - of 2**63
        raise Malformed(Code.INVALID_REQUEST, "Content-Length is not a number.")
    return int(length)


def _read(environ: Mapping[str, Any], most: int) -> bytes:
    try:
        piece: bytes = environ["wsgi.input"].read(most)
    except OSError:
        raise _cut_off() from None
    return piece


def too_large(largest: int) -> Malformed:
    """The answer to a body that is larger than this address reads."""
    return Malformed(Code.BODY_TOO_LARGE, f"A body has at most {largest} bytes here.")


def _cut_off() -> Malformed:
    return Malformed(Code.INVALID_REQUEST, "The body ended before its Content-Length.")


def _takes_none() -> Malformed:
    return Malformed(Code.INVALID_REQUEST, "This request takes no body.")
