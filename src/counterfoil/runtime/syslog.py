"""Messages to a syslog server: RFC 5424, over TLS (RFC 5425), each with its length before it.

A server says nothing of what it has taken in. So a connection holds one batch: we say that this was
all, and wait until the server hangs up, which it does when it has read to the end.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

from counterfoil.kernel.clock import instant

TIMEOUT_S: Final = 10.0
_PORTS: Final = {"syslog+tls": 6514, "syslog+tcp": 514}
_LOG_AUDIT: Final = 13 << 3
WARNING: Final = 4
INFORMATIONAL: Final = 6
_NAME_CHARS: Final = 32
_PIECE: Final = 4096


def framed(severity: int, at: int, host: str, name: str, said: bytes) -> bytes:
    """Return a message as it goes over the line.

    Args:
        severity: WARNING or INFORMATIONAL.
        at: when it happened, in Unix microseconds.
        host: who says it, `-` for nobody.
        name: of what kind it is, in visible ASCII.
        said: what is said, in UTF-8.
    """
    kind = name[:_NAME_CHARS]
    when = instant(at).isoformat(timespec="microseconds").replace("+00:00", "Z")
    head = f"<{_LOG_AUDIT | severity}>1 {when} {host} counterfoil - {kind} - "
    message = head.encode("ascii") + said
    return b"%d %s" % (len(message), message)


class Line:
    """Where messages go.

    Args:
        url: `syslog+tls://host:port`, or `syslog+tcp://` to this machine.
        tls: whom we trust to say that a server is who it says.
        timeout_s: how long each step may take.
    """

    def __init__(
        self, url: str, *, tls: ssl.SSLContext | None = None, timeout_s: float = TIMEOUT_S
    ) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._secure = parts.scheme == "syslog+tls"
        self._port = parts.port or _PORTS[parts.scheme]
        self._given = tls
        self._timeout_s = timeout_s

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._given or ssl.create_default_context()

    def send(self, messages: bytes) -> None:
        """Send messages, and return once the server has read them all.

        Raises:
            OSError: if that is not certain; they may have come all the same.
        """
        with socket.create_connection((self._host, self._port), self._timeout_s) as plain:
            if not self._secure:
                plain.sendall(messages)
                plain.shutdown(socket.SHUT_WR)
                while plain.recv(_PIECE):
                    pass
                return
            with self._tls.wrap_socket(plain, server_hostname=self._host) as line:
                line.sendall(messages)
                with suppress(ssl.SSLEOFError):  # it hung up without a farewell
                    line.unwrap().close()
