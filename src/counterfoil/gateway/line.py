"""The line from a gate to its office: one connection, kept open, that a gate asks by.

The credential leaves in a header, to the one origin that the operator named, and over TLS unless
that is this machine. No redirect is followed.
"""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing
from http.client import (
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    HTTPSConnection,
    RemoteDisconnected,
)
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from counterfoil.feed.page import LENGTH_BYTES, Ask
from counterfoil.feed.report import Report
from counterfoil.feed.rows import AskRows
from counterfoil.feed.stands import HEADER, NOTHING, TOLD_HEADER, Stands
from counterfoil.kernel.plain import PlainError
from counterfoil.secret import Secret

TIMEOUT_S: Final = 1.5
"""An answer that takes longer is worth nothing: the lease that it could give has nearly ended."""
REPORT_S: Final = 20.0
"""Report take a while to be written, and no lease hangs on that."""
SNAPSHOT_S: Final = 60.0
LARGEST: Final = 64 << 20
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_OK: Final = 200
_SAID_BYTES: Final = 8_192
_WHY_CHARS: Final = 200
_UNSAID: Final[Mapping[str, str]] = {}
_JSON: Final = "application/json"
_OCTETS: Final = "application/octet-stream"


class _Error(msgspec.Struct):
    detail: str = ""


class _Refusal(msgspec.Struct):
    errors: list[_Error]


class UnheardError(PlainError):
    """The office did not answer, or not what was asked; the message says why."""


class _Plain(HTTPConnection):
    """Sends a question in one piece, head and body: in two, an office is woken by half of it."""

    _held: bytearray | None = None

    def ask(self, path: str, body: bytes, headers: Mapping[str, str]) -> HTTPResponse:
        """Return what is answered to a question."""
        self._held = whole = bytearray()
        try:
            self.request("POST", path, body, headers)
        finally:
            self._held = None
        self.send(whole)
        return self.getresponse()

    def send(self, data: Any) -> None:  # noqa: ANN401 - whatever the base class sends
        """Send a piece, or keep it until its question is whole."""
        if self._held is None:
            super().send(data)
        else:
            self._held += data


class _Secure(_Plain, HTTPSConnection):
    """The same over TLS."""


class Line:
    """Asks the office.

    Args:
        url: its base URL.
        credential: of this gate.
        timeout_s: how long to wait for an answer.

    Raises:
        ValueError: for what is no base URL, or would have the credential seen on its way.
    """

    def __init__(self, url: str, credential: Secret, timeout_s: float = TIMEOUT_S) -> None:
        parts = urlsplit(url)
        whole = parts.scheme in {"http", "https"} and parts.hostname
        if not whole or parts.query or parts.fragment or parts.username:
            message = "the office is named by its base URL, like https://cms.example.com"
            raise ValueError(message)
        self._host, self._port = parts.hostname or "", parts.port
        if parts.scheme == "http" and self._host not in LOOPBACK:
            message = "a credential goes to an office over https, or over this machine alone"
            raise ValueError(message)
        self._secure = parts.scheme == "https"
        self._base = parts.path.rstrip("/")
        self._timeout_s = timeout_s
        self._credential = f"Bearer {credential.reveal()}"
        self._open: _Plain | None = None

    def page(self, ask: Ask, stands: Stands = NOTHING) -> bytes:
        """Return a page as it was told to who knows this.

        Raises:
            UnheardError: if none was.
        """
        return self._told("feed", msgspec.json.encode(ask), said=_said(stands))

    def report(self, report: Report, lines: bytes) -> bytes:
        """Return what the office answers to a report.

        Raises:
            UnheardError: if it answers nothing, or would not have it.
        """
        return self._told("journal", msgspec.json.encode(report) + b"\n" + lines, _OCTETS)

    def _told(
        self, door: str, body: bytes, media: str = _JSON, said: Mapping[str, str] = _UNSAID
    ) -> bytes:
        try:
            if self._open is None:
                self._open = self._connected(self._timeout_s)
            return self._body(self._asked(self._open, door, body, media, said), LARGEST + 1)
        except (OSError, HTTPException) as error:
            self.close()
            raise _unheard(error) from error
        except UnheardError:
            self.close()
            raise

    def pieces(self, ask: Ask) -> Iterator[bytes]:
        """Yield the pieces of a snapshot as they were told, as far as they come.

        Raises:
            UnheardError: if none come.
        """
        return self._frames("snapshot", ask)

    def rows(self, ask: AskRows) -> Iterator[bytes]:
        """Yield the frames of a part of the books' rows as they were told, as far as they come.

        Raises:
            UnheardError: if none come.
        """
        return self._frames("rows", ask)

    def _frames(self, door: str, ask: Ask) -> Iterator[bytes]:
        with closing(self._connected(SNAPSHOT_S)) as connection:
            try:
                answer = self._asked(connection, door, msgspec.json.encode(ask))
                while length := int.from_bytes(answer.read(LENGTH_BYTES)):
                    yield self._body(answer, length)
            except (OSError, HTTPException) as error:
                raise _unheard(error) from error

    def close(self) -> None:
        """Hang up."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _connected(self, timeout_s: float) -> _Plain:
        if self._secure:
            tls = ssl.create_default_context()
            return _Secure(self._host, self._port, timeout=timeout_s, context=tls)
        return _Plain(self._host, self._port, timeout=timeout_s)

    def _asked(
        self,
        connection: _Plain,
        door: str,
        body: bytes,
        media: str = _JSON,
        said: Mapping[str, str] = _UNSAID,
    ) -> HTTPResponse:
        headers = {"Authorization": self._credential, "Content-Type": media, **said}
        answer = connection.ask(f"{self._base}/gates/{door}", body, headers)
        if answer.status != _OK:
            message = f"the office answers {answer.status}{_why(answer.read(_SAID_BYTES))}"
            answer.close()
            raise UnheardError(message)
        return answer

    def _body(self, answer: HTTPResponse, length: int) -> bytes:
        raw = answer.read(min(length, LARGEST + 1))
        if len(raw) > LARGEST:
            message = "the office tells more than a page holds"
            raise UnheardError(message)
        return raw


def _said(stands: Stands) -> Mapping[str, str]:
    spelled = stands.spelled()
    if stands.told:
        return {HEADER: spelled, TOLD_HEADER: b64encode(stands.told).decode()}
    return {HEADER: spelled} if spelled else _UNSAID


def _why(raw: bytes) -> str:
    """Return what an office says of why it refuses, for the log; nothing if it does not say."""
    try:
        said = msgspec.json.decode(raw, type=_Refusal).errors[0].detail
    except (msgspec.MsgspecError, UnicodeDecodeError, IndexError):
        return ""
    return f": {said[:_WHY_CHARS]}" if said else ""


def _unheard(error: Exception) -> UnheardError:
    """Say in words why nothing came; of what the system says, the sentence alone."""
    if isinstance(error, TimeoutError):
        why = "not in time"
    elif isinstance(error, ssl.SSLCertVerificationError):
        why = f"its certificate is not trusted here, {error.verify_message}"
    elif isinstance(error, ssl.SSLError):
        why = "it speaks no TLS that this gate does"
    elif isinstance(error, RemoteDisconnected):
        why = "it hung up"
    elif isinstance(error, HTTPException):
        why = "what stands there speaks no HTTP, or stopped in the middle"
    else:
        why = getattr(error, "strerror", None) or "the line broke"
    return UnheardError(f"the office does not answer: {why}")
