"""One connection to the gateway: requests are read as they come, asked about, and answered in turn.

What a request is, llhttp says, the parser of Node.js, in its strict way. Here is what it leaves
open: how much of one is held, which of its headers are handed on, and how an answer is spelled.

Nothing waits here but for bytes: a decision takes microseconds, and what it stands on is at hand.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final, TypeAlias, cast

import structlog
from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from counterfoil.gateway.spelled import BODIES, COOKIE, EXPECT, Pen, address, name_of, value_of

Environ: TypeAlias = dict[str, Any]
Headers: TypeAlias = list[tuple[str, str]]
Ask: TypeAlias = Callable[[Environ], tuple[str, Headers, bytes]]
"""What is asked about each request: it returns status line, headers and body."""

HEAD_BYTES: Final = 128 * 1024
"""So much of a request is held before its body begins, and what came with its first byte."""
HEADERS: Final = 100
"""So many headers a request has at most."""
BODY_BYTES: Final = 256 * 1024 + 1
"""So much of a body is read: a byte more than anybody here takes. The rest is not waited for."""
REQUEST_BYTES: Final = HEAD_BYTES + 8 * BODY_BYTES
"""So much of a request is read in all: a body may come in small pieces, each with its length."""

_SHORT: Final = "HTTP/1.1 {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_MALFORMED: Final = _SHORT.format("400 Bad Request").encode()
_TOO_LARGE: Final = _SHORT.format("431 Request Header Fields Too Large").encode()
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_BROKEN: Final = ("500 Internal Server Error", [("Content-Length", "0")], b"")

log = structlog.get_logger(__name__)


class TooLargeError(Exception):
    """A head is larger than any that is read."""


class Wire(asyncio.Protocol):
    """A connection.

    Args:
        ask: is asked about each request.
        pen: writes answers down.
        begun: is told of it when it is there.
        ended: is told of it when it is gone.

    Attributes:
        since: when the last request began, or all was said, on the clock of `time.monotonic`.
        is_amid: whether a part of a request is here, and the rest is not.
        is_over: whether all is said that will be.
    """

    def __init__(
        self,
        ask: Ask,
        pen: Pen,
        begun: Callable[[Wire], None],
        ended: Callable[[Wire], None],
    ) -> None:
        self._ask = ask
        self._pen = pen
        self._begun = begun
        self._ended = ended
        self._parser = HttpRequestParser(self)
        self._environ: Environ = {}
        self._url = b""
        self._body = bytearray()
        self._said: list[bytes] = []
        self._headers = 0
        self._read = 0
        self._held = 0
        self._is_head = False
        self._is_last = False
        self.is_amid = False
        self.is_over = False
        self.since = time.monotonic()

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

    @property
    def is_ending(self) -> bool:
        """Say whether it ends as soon as its peer has read what was said."""
        return self._transport.is_closing()

    # What the loop tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._begun(self)

    def connection_lost(self, _error: Exception | None) -> None:
        """It is gone: so is what it held, which the parser would hold together with it."""
        del self._parser
        self._environ, self._body = {}, bytearray()
        self._ended(self)

    def pause_writing(self) -> None:
        """Whoever does not read what they are answered is not read either."""
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """They read again."""
        self._transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        """Answer all requests that are whole by now."""
        if self.is_over:
            return
        if self.is_amid:
            self._held += len(data)
        try:
            self._parser.feed_data(data)
            if self._held > (HEAD_BYTES if self._is_head else REQUEST_BYTES):
                self._refuse(_TOO_LARGE)
        except HttpParserUpgrade:
            pass  # it was answered, and nobody here speaks anything else
        except HttpParserError as error:
            is_large = isinstance(error.__context__, TooLargeError)
            self._refuse(_TOO_LARGE if is_large else _MALFORMED)
        if self._said:
            self._transport.write(b"".join(self._said))
            self._said.clear()
        if self.is_over:
            self._end()

    def _end(self) -> None:
        """Say that this was all, and read away what they still send: it would undo the answer."""
        self.since = time.monotonic()
        if self._transport.can_write_eof() and not self._transport.is_closing():
            self._transport.write_eof()
        else:
            self.cut()

    def _refuse(self, answer: bytes) -> None:
        if not self.is_over:
            self._said.append(answer)
            self.is_over = True

    # What the parser finds.

    def on_message_begin(self) -> None:
        """A request begins."""
        if self.is_over:  # more was sent than is answered
            raise TooLargeError
        self._environ, self._url, self._headers, self._read = {}, b"", 0, 0
        self._held, self._is_head, self.is_amid = 0, True, True
        self.since = time.monotonic()

    def _take(self, size: int) -> None:
        self._read += size
        if self._read > HEAD_BYTES or self._headers > HEADERS:
            raise TooLargeError

    def on_url(self, piece: bytes) -> None:
        """More of its address."""
        self._url += piece
        self._take(len(piece))

    def on_header(self, name: bytes, value: bytes) -> None:
        """One of its headers; one that is repeated stands once, its values in a row."""
        if not self._is_head:  # what stands behind a body is nothing that anybody here asks for
            return
        self._headers += 1
        self._take(len(name) + len(value))
        key = name_of(name)
        if key is None:
            return
        said, before = value_of(value), self._environ.get(key)
        if before is not None:
            said = f"{before}{';' if key == COOKIE else ','}{said}"
        self._environ[key] = said

    def on_headers_complete(self) -> None:
        """Its head is whole; some wait for a word before they send a body."""
        self._is_head = False
        waits = self._environ.get(EXPECT, "").lower() == "100-continue"
        if waits and not self._environ.keys().isdisjoint(BODIES):
            self._said.append(_CONTINUE)

    def on_body(self, piece: bytes) -> None:
        """More of its body."""
        self._body += piece
        if len(self._body) >= BODY_BYTES:
            self._is_last = True
            self.on_message_complete()
            raise TooLargeError

    def on_message_complete(self) -> None:
        """It is whole: answer it."""
        if self.is_over:
            return
        target = address(self._url)
        if target is None:
            self._refuse(_MALFORMED)
            return
        environ = self._environ
        method = self._parser.get_method().decode()
        environ["REQUEST_METHOD"] = method
        environ["PATH_INFO"], environ["QUERY_STRING"] = target
        environ["wsgi.input"] = BytesIO(self._body)
        parser = self._parser
        if self._is_last or not parser.should_keep_alive() or parser.should_upgrade():
            self.is_over = True
        self._said.append(self._answer(environ, has_body=method != "HEAD"))
        self._environ, self._held, self.is_amid = {}, 0, False
        if self._body:
            self._body = bytearray()

    def _answer(self, environ: Environ, *, has_body: bool) -> bytes:
        """Return what is said; that nothing can be said, if that fails, and never another's yes."""
        try:
            status, headers, body = self._ask(environ)
            return self._pen.write(status, headers, body if has_body else b"", is_last=self.is_over)
        except Exception:
            log.exception("a request could not be answered")
            return self._pen.write(*_BROKEN, is_last=self.is_over)
