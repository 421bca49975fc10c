"""One connection to the gateway: its requests are asked about, and answered in turn.

Nothing waits here but for bytes: a decision takes microseconds, and what it stands on is at hand.
Whoever has seen more than this host knows yet is kept for a moment (S29), and their line with them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final, Protocol, TypeAlias, cast

import structlog

from counterfoil.gate.position import AT_LEAST_KEY, WITHIN_S
from counterfoil.gateway.coming import Coming, Environ, TooLargeError, UnreadableError
from counterfoil.gateway.spelled import Pen

Headers: TypeAlias = list[tuple[str, str]]

SLICE_BYTES: Final = 1_024
"""So much of what came together is read at a time: whoever sends ahead takes turns with others."""
ROOM_BYTES: Final = 32 << 20
"""So much all lines of a process hold of requests that are not whole."""

_LOOK_S: Final = 0.02
_SHORT: Final = "HTTP/1.1 {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_MALFORMED: Final = _SHORT.format("400 Bad Request").encode()
_TOO_LARGE: Final = _SHORT.format("431 Request Header Fields Too Large").encode()
_FULL: Final = _SHORT.format("503 Service Unavailable").encode()
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_BROKEN: Final = ("500 Internal Server Error", [("Content-Length", "0")], b"")

log = structlog.get_logger(__name__)


class Answers(Protocol):
    """Whoever is asked about requests."""

    def answer(self, environ: Environ) -> tuple[str, Headers, bytes]:
        """Return status line, headers and body."""

    def takes_body(self, path: str) -> bool:
        """Say whether what is asked there is asked in a body."""

    def is_behind(self, environ: Environ) -> bool:
        """Say whether it has not heard yet what whoever asks has seen."""


class Room:
    """What all lines of a process hold, in bytes."""

    held = 0


class Wire(asyncio.Protocol):
    """A connection.

    Args:
        asked: answers.
        pen: writes answers down.
        room: what it holds is counted there.
        begun: is told of it when it is there.
        ended: is told of it when it is gone.

    Attributes:
        since: when the last request began, or all was said, on the clock of `time.monotonic`.
        is_over: whether all is said that will be.
    """

    def __init__(
        self,
        asked: Answers,
        pen: Pen,
        room: Room,
        begun: Callable[[Wire], None],
        ended: Callable[[Wire], None],
    ) -> None:
        self._asked = asked
        self._pen = pen
        self._room = room
        self._begun = begun
        self._ended = ended
        self._coming = Coming(asked.takes_body, self._whole, self._expected)
        self._said: list[bytes] = []
        self._held = 0
        self._many = 0
        self._rest = memoryview(b"")
        self._is_due = False
        self._late: tuple[Environ, bool] | None = None
        self._looks = 0
        self._is_unread = False
        self._is_last = False
        self.is_over = False
        self.since = time.monotonic()

    @property
    def is_amid(self) -> bool:
        """Say whether a request is here that is not answered."""
        return self._coming.is_amid or self._late is not None or bool(self._rest)

    @property
    def is_ending(self) -> bool:
        """Say whether it ends as soon as its peer has read what was said."""
        return self._transport.is_closing()

    def finish(self) -> None:
        """Answer what has begun, and nothing after it."""
        self._is_last = True
        if not self.is_amid:
            self.cut()

    def cut(self) -> None:
        """End it, as soon as what was said has gone out; at once, if it was to end before."""
        if self.is_ending:
            self._transport.abort()
        else:
            self._transport.close()

    # What the loop tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._begun(self)

    def connection_lost(self, _error: Exception | None) -> None:
        """It is gone: so is what it held."""
        self.is_over, self._late, self._rest = True, None, memoryview(b"")
        self._coming.close()
        self._weigh()
        self._ended(self)

    def pause_writing(self) -> None:
        """Whoever does not read what they are answered is not read either."""
        self._is_unread = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """They read again."""
        self._is_unread = False
        self._listen()

    def _listen(self) -> None:
        if self._is_unread or self._late or self.is_ending:
            return
        if not self._rest:
            self._transport.resume_reading()
        elif not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._go_on)

    def data_received(self, data: bytes) -> None:
        """Answer all requests that are whole by now, in turns with other lines if they are many."""
        if self.is_over:
            return
        if self._rest:
            self._rest = memoryview(bytes(self._rest) + data)
        elif len(data) <= SLICE_BYTES:
            self._take(data)
        else:
            self._rest = memoryview(data)
            self._transport.pause_reading()
            self._go_on()

    def _go_on(self) -> None:
        """Read a slice of what came together; the next one after others had their turn."""
        self._is_due = False
        if self._rest and not (self.is_over or self._is_unread or self._late):
            piece, self._rest = self._rest[:SLICE_BYTES], self._rest[SLICE_BYTES:]
            self._take(bytes(piece))
        if self.is_over:
            self._rest = memoryview(b"")
        self._listen()

    def _take(self, data: bytes) -> None:
        was_amid, self._many = self._coming.is_amid, 0
        try:
            self._coming.feed(data)
        except TooLargeError:
            self._refuse(_TOO_LARGE)
        except UnreadableError:
            self._refuse(_MALFORMED)
        if self._many or not was_amid:
            self.since = time.monotonic()
        self._weigh()
        if self._room.held > ROOM_BYTES and self._held:
            self._refuse(_FULL)
            self._weigh()
        self._send()

    def _weigh(self) -> None:
        held = self._coming.weight + len(self._rest)
        self._room.held += held - self._held
        self._held = held

    def _send(self) -> None:
        """Send what is said; if that was all, read away what they still send: it would undo it."""
        if self._said:
            self._transport.write(b"".join(self._said))
            self._said.clear()
        if self.is_over:
            self.since = time.monotonic()
            if self._transport.can_write_eof() and not self._transport.is_closing():
                self._transport.write_eof()
            else:
                self.cut()

    def _refuse(self, answer: bytes) -> None:
        """Say that this is none, after what is answered yet."""
        self._tell_late()
        if not self.is_over:
            self._said.append(answer)
            self.is_over = True
        self._coming.drop()

    # What came.

    def _expected(self) -> None:
        self._said.append(_CONTINUE)

    def _whole(self, environ: Environ, *, is_last: bool) -> bool:
        """Answer a request, or keep it for a moment; say whether another one may come."""
        self._tell_late()
        self._many += 1
        is_last = is_last or self._is_last
        if AT_LEAST_KEY in environ and self._asked.is_behind(environ):
            self._late, self._looks = (environ, is_last), round(WITHIN_S / _LOOK_S)
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(_LOOK_S, self._look, environ)
        else:
            self._tell(environ, is_last=is_last)
        return not is_last

    def _look(self, environ: Environ) -> None:
        """Answer what waits, if it need not wait any more, or has for long enough."""
        if self._late is None or self._late[0] is not environ:
            return
        self._looks -= 1
        if self._looks and self._asked.is_behind(environ):
            asyncio.get_running_loop().call_later(_LOOK_S, self._look, environ)
            return
        self._tell_late()
        self._send()

    def _tell_late(self) -> None:
        if self._late is not None:
            (environ, is_last), self._late = self._late, None
            self._listen()
            self._tell(environ, is_last=is_last or (self._is_last and not self._coming.is_amid))

    def _tell(self, environ: Environ, *, is_last: bool) -> None:
        """Say what is answered: nothing can be said, if that fails, and never another's yes."""
        self.is_over = is_last
        try:
            status, headers, body = self._asked.answer(environ)
            has_body = environ["REQUEST_METHOD"] != "HEAD"
            said = self._pen.write(status, headers, body if has_body else b"", is_last=is_last)
        except Exception:
            log.exception("a request could not be answered")
            said = self._pen.write(*_BROKEN, is_last=is_last)
        self._said.append(said)
