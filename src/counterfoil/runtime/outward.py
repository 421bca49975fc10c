"""Tells a server that is not ours, at an address that somebody of ours typed in (S53).

Whoever chooses the address must not get us to speak to our own network. So a name is looked up
once, every answer must be an address that everybody may reach, and the connection goes to one of
those very addresses, while the certificate must be the name's. Of what comes back the status is
read and nothing else: no redirect is followed, and no body is waited for.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from enum import StrEnum
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from counterfoil.runtime.public import is_public
from counterfoil.runtime.variables import Network

TIMEOUT_S: Final = 5.0
"""So long one delivery may take, from the first packet to the status."""

MOST_BYTES: Final = 64 * 1024
"""A head that is longer than this is none."""

_PORTS: Final = {"https": 443, "http": 80}
_PIECE: Final = 4096
_INFORMATIONAL: Final = 200
Look = Callable[[str, int], Sequence[str]]


class Failure(StrEnum):
    """Why nobody was told, in a word that is kept and shown."""

    UNKNOWN_NAME = "unknown_name"
    NOT_PUBLIC = "not_public"
    NO_CONNECTION = "no_connection"
    NOT_TRUSTED = "not_trusted"
    TIMED_OUT = "timed_out"
    NOT_HTTP = "not_http"


class UntoldError(Exception):
    """The other server was not told, or has not said that it was."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of a host, as the machine knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class Outward:
    """Posts to addresses of other people's choosing.

    Args:
        allowed: networks that may be told though they are private, by the operator's will. Without
            TLS only this machine is, if it is among them.
        look: looks hosts up.
        tls: whom we trust to say that a server is who it says.
        timeout_s: how long one post may take.
    """

    def __init__(
        self,
        allowed: Sequence[Network] = (),
        *,
        look: Look = look_up,
        tls: ssl.SSLContext | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._allowed = tuple(allowed)
        self._look = look
        self._given = tls
        self._timeout_s = timeout_s

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Whom we trust; read when it is first needed, for that takes a while."""
        return self._given or ssl.create_default_context()

    def admits(self, url: str) -> bool:
        """Say whether an address may be told as far as its spelling shows; a name is, as a rule.

        What a name leads to is known when it is told, and may be another thing each time.
        """
        parts = urlsplit(url)
        address = _spelled_out(parts.hostname or "")
        return address is None or self._is_fit(address, secure=parts.scheme == "https")

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Post a body; return the status of the answer.

        Raises:
            UntoldError: if there was none.
        """
        end = time.monotonic() + self._timeout_s
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        addresses = self._addresses(parts, host, port)
        request = _spelled(parts, headers, body)
        try:
            with closing(self._connected(addresses, port, end)) as plain:
                if parts.scheme != "https":
                    return _told(plain, request, end)
                with self._tls.wrap_socket(plain, server_hostname=host) as line:
                    return _told(line, request, end)
        except TimeoutError:
            raise UntoldError(Failure.TIMED_OUT) from None
        except ssl.SSLCertVerificationError:
            raise UntoldError(Failure.NOT_TRUSTED) from None
        except OSError:
            raise UntoldError(Failure.NO_CONNECTION) from None

    def _addresses(self, parts: SplitResult, host: str, port: int) -> list[str]:
        """Return where a host is, if all that it answers to may be told."""
        try:
            found = [ip_address(one.partition("%")[0]) for one in self._look(host, port)]
        except (OSError, UnicodeError, ValueError):
            raise UntoldError(Failure.UNKNOWN_NAME) from None
        if not found:
            raise UntoldError(Failure.UNKNOWN_NAME)
        secure = parts.scheme == "https"
        if not all(self._is_fit(one, secure=secure) for one in found):
            raise UntoldError(Failure.NOT_PUBLIC)
        return list(dict.fromkeys(map(str, found)))

    def _is_fit(self, address: IPv4Address | IPv6Address, *, secure: bool) -> bool:
        if any(address in one for one in self._allowed):
            return secure or address.is_loopback
        return secure and is_public(address)

    def _connected(self, addresses: Sequence[str], port: int, end: float) -> socket.socket:
        *others, last = addresses
        for address in others:
            try:
                return socket.create_connection((address, port), _left(end))
            except OSError:
                continue
        return socket.create_connection((last, port), _left(end))


def _spelled_out(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that a host is, in any spelling that a resolver takes for one; or None."""
    name = host.removesuffix(".").casefold()
    if name == "localhost" or name.endswith(".localhost"):  # RFC 6761 §6.3
        return IPv4Address("127.0.0.1")
    with suppress(ValueError):
        return ip_address(name.partition("%")[0])
    with suppress(OSError, UnicodeError):
        return IPv4Address(socket.inet_aton(name))  # such as 127.1, or 0x7f000001
    return None


def _left(end: float) -> float:
    """Return how many seconds are left.

    Raises:
        TimeoutError: if none are.
    """
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _spelled(parts: SplitResult, headers: Mapping[str, str], body: bytes) -> bytes:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    said = {**headers, "Host": parts.netloc, "Content-Length": str(len(body))}
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items())]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode("ascii") + body


def _told(line: socket.socket, request: bytes, end: float) -> int:
    """Send a request; return the status that is final, as soon as its line is there."""
    line.settimeout(_left(end))
    line.sendall(request)
    heard = bytearray()
    while True:
        said, whole, _ = bytes(heard).partition(b"\r\n")
        if whole:
            status = _status(said)
            if status >= _INFORMATIONAL:
                return status
            _, ended, rest = bytes(heard).partition(b"\r\n\r\n")
            if ended:
                heard = bytearray(rest)
                continue
        line.settimeout(_left(end))
        piece = line.recv(_PIECE)
        heard += piece
        if not piece or len(heard) > MOST_BYTES:
            raise UntoldError(Failure.NOT_HTTP)


def _status(line: bytes) -> int:
    version, _, rest = line.partition(b" ")
    code = rest[:3]
    if version not in {b"HTTP/1.0", b"HTTP/1.1"} or len(code) != 3 or not code.isdigit():  # noqa: PLR2004 - RFC 9112
        raise UntoldError(Failure.NOT_HTTP)
    return int(code)
