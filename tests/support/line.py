"""The line of a server, which keeps what it was given to send."""

from __future__ import annotations

from typing import Any

from counterfoil.runtime.direct import Headers


class Sent:
    """What a server was given to send: status, headers, and body or pieces."""

    def __init__(self) -> None:
        self.said: tuple[Any, ...] = ()

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        self.said = status, headers, body

    def response_iter(self, status: int, headers: Headers, body: Any) -> None:
        self.said = status, headers, body
