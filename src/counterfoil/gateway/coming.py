"""A request as it comes: how much of it is held, and when it is whole.

What a request is, llhttp says, the parser of Node.js, in its strict way. Here is what it leaves
open: how large one is, which of its headers are handed on, and that nobody here speaks anything
else than HTTP/1.1, whatever they are asked to.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any, Final, Protocol, TypeAlias

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from counterfoil.gateway.spelled import COOKIE, EXPECT, LENGTH, TRANSFER, address, name_of, value_of

Environ: TypeAlias = dict[str, Any]

HEAD_BYTES: Final = 128 * 1024
"""So much of a request is held before its body begins, between its pieces, and behind it."""
HEADERS: Final = 100
"""So many headers a request has at most."""
BODY_BYTES: Final = 256 * 1024 + 1
"""So much of a body is read: a byte more than anybody here takes. The rest is not waited for."""
REQUEST_BYTES: Final = HEAD_BYTES + 8 * BODY_BYTES
"""So much of a request is read in all: a body may come in small pieces, each with its length."""

_HTTP: Final = "1.1"


class UnreadableError(Exception):
    """What came is no request."""


class TooLargeError(Exception):
    """A request is larger than any that is read."""


class AnsweredError(Exception):
    """Nothing is answered after what was answered before."""


class Whole(Protocol):
    """Is told each request that is whole."""

    def __call__(self, environ: Environ, *, is_last: bool) -> bool:
        """Take it in; say whether another may come."""


class Coming:
    """The requests of one connection, one after the other.

    Args:
        takes_body: says by its path whether the body of a request is wanted.
        whole: is told each request that is whole, and whether it is the last of its line; it says
            whether another may come.
        expected: is told that whoever asks sends a body when they hear that it is read.

    Attributes:
        is_amid: whether a part of a request is here, and the rest is not.
    """

    def __init__(
        self,
        takes_body: Callable[[str], bool],
        whole: Whole,
        expected: Callable[[], None],
    ) -> None:
        self._takes_body = takes_body
        self._whole = whole
        self._expected = expected
        self._parser = HttpRequestParser(self)
        self._environ: Environ = {}
        self._url = b""
        self._method = b""
        self._body = bytearray()
        self._keeps_body = False
        self._headers = self._head_bytes = self._body_bytes = 0
        self._first = self._loose = self._all = 0
        self._size = 0
        self._is_head = False
        self._goes_on = True
        self._framing: bytes | None = None
        self._is_said_again = False
        self.is_amid = False

    @property
    def weight(self) -> int:
        """As how many bytes a request that is not whole is held, at most."""
        if not self.is_amid:
            return 0
        return self._head_bytes + len(self._body) + self._first + self._loose

    def feed(self, data: bytes) -> None:
        """Take in what came, and tell of each request that is whole by it.

        Raises:
            UnreadableError: for what is no request.
            TooLargeError: for one that is too large.
        """
        self._size = len(data)
        if self.is_amid:
            self._loose += self._size
            self._all += self._size
        try:
            self._feed(data)
        except HttpParserError as error:
            why = error.__context__
            if isinstance(why, AnsweredError):
                return
            raise (TooLargeError if isinstance(why, TooLargeError) else UnreadableError) from None
        if self.is_amid and (self._loose > HEAD_BYTES or self._all > REQUEST_BYTES):
            raise TooLargeError

    def _feed(self, data: bytes) -> None:
        while data:
            try:
                self._parser.feed_data(data)
            except HttpParserUpgrade as upgrade:
                data = data[upgrade.args[0] :]
                self._read_on()
            else:
                return

    def _read_on(self) -> None:
        """Read on as if nobody had asked to speak something else (RFC 9110, 7.8).

        The parser leaves a body to whoever speaks that, so its head is said again without it.
        """
        self._parser = HttpRequestParser(self)
        if self._framing is not None:
            self._is_said_again = True
            self._parser.feed_data(b"%s / HTTP/1.1\r\n%s\r\n\r\n" % (self._method, self._framing))

    def drop(self) -> None:
        """Hold nothing of a request any more."""
        self._environ, self._url, self._body, self.is_amid = {}, b"", bytearray(), False

    def close(self) -> None:
        """Hold nothing at all, which would hold this: the parser, and whoever is told."""
        self.drop()
        del self._parser, self._whole, self._expected

    # What the parser finds.

    def on_message_begin(self) -> None:
        """A request begins."""
        if self._is_said_again:
            return
        if not self._goes_on:
            raise AnsweredError
        self._environ, self._url = {}, b""
        self._headers = self._head_bytes = self._body_bytes = 0
        self._first, self._loose, self._all = self._size, 0, 0
        self._is_head, self.is_amid = True, True

    def on_url(self, piece: bytes) -> None:
        """More of its address."""
        if not self._is_said_again:
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

    def _take(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > HEAD_BYTES or self._headers > HEADERS:
            raise TooLargeError

    def on_headers_complete(self) -> None:
        """Its head is whole; some wait for a word before they send a body."""
        if self._is_said_again:
            self._is_said_again, self._framing = False, None
            return
        self._is_head, self._first, self._loose = False, 0, 0
        target = address(self._url)
        if target is None:
            raise UnreadableError
        environ, parser = self._environ, self._parser
        self._method = parser.get_method()
        environ["REQUEST_METHOD"] = self._method.decode()
        environ["PATH_INFO"], environ["QUERY_STRING"] = target
        self._framing = _framing(environ)
        self._is_last = parser.get_http_version() != _HTTP or not parser.should_keep_alive()
        if self._framing is not None:
            self._keeps_body = self._takes_body(target[0])
            waits = environ.get(EXPECT, "").lower() == "100-continue"
            if waits and parser.get_http_version() == _HTTP:  # 1.0 would take it for the answer
                self._expected()

    def on_body(self, piece: bytes) -> None:
        """More of its body."""
        self._loose = 0
        self._body_bytes += len(piece)
        if self._keeps_body:
            self._body += piece
        if self._body_bytes >= BODY_BYTES:
            self._is_last = True
            self._tell()
            raise AnsweredError

    def on_message_complete(self) -> None:
        """It is whole: tell of it, unless its body is yet to be read."""
        if self._framing is None or not self._parser.should_upgrade():
            self._tell()

    def _tell(self) -> None:
        environ = self._environ
        environ["wsgi.input"] = BytesIO(self._body)
        self._goes_on = self._whole(environ, is_last=self._is_last)
        if self._body:
            self._body = bytearray()
        self._environ, self.is_amid = {}, False


def _framing(environ: Environ) -> bytes | None:
    """Return the header that says where a body ends; None where none comes."""
    if TRANSFER in environ:
        return f"Transfer-Encoding: {environ[TRANSFER]}".encode("ascii", "replace")
    if LENGTH in environ:
        return f"Content-Length: {environ[LENGTH]}".encode("ascii", "replace")
    return None
