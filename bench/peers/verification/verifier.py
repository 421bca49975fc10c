"""What is measured: a server that verifies credentials, proved to tell good from bad before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Final

from bench.peers.load import Target
from bench.peers.subject import WrongError

_OK: Final = 200
_NO: Final = frozenset({401, 403})
_INACTIVE: Final = b'"active":false'
"""Who is asked what a token is good for says with 200 that it is good for nothing."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request that presents a credential, or none if that is empty."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str = ""

    def raw(self, port: int) -> bytes:
        """Return it as it goes over the wire."""
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n" + self.body).encode("ascii")


@dataclass(frozen=True, slots=True)
class Verifier:
    """A server that runs.

    Attributes:
        name: as the report has it.
        port: where it listens.
        pid: the first of its processes.
        tokens: the good ones, all different, asked with in turn.
        spell: makes the request that presents a token.
        says: makes what stands in the answer to a good one.
    """

    name: str
    port: int
    pid: int
    tokens: Sequence[str]
    spell: Callable[[str], Request]
    says: bytes = b""

    def target(self) -> Target:
        """Return the requests of all tokens."""
        return Target(self.port, [self.spell(token).raw(self.port) for token in self.tokens])

    def prove(self) -> None:
        """Return if every token is let in, and what is none, or nearly one, is not.

        Raises:
            WrongError: naming what is wrong.
        """
        if len(set(self.tokens)) != len(self.tokens) or not self.tokens:
            raise WrongError(f"{self.name}: its tokens are not different")
        for token in self.tokens:
            status, body = self._ask(token)
            if status != _OK or self.says not in body or _INACTIVE in body:
                raise WrongError(f"{self.name}: {status} {body[:200]!r} to a good token")
        good = self.tokens[0]
        turned = good[:-1] + ("A" if good[-1] != "A" else "B")
        for bad in ("", good[:-1], turned, "x" * len(good)):
            status, body = self._ask(bad)
            if status not in _NO and _INACTIVE not in body:
                raise WrongError(f"{self.name}: {status} {body[:200]!r} to {bad[:9]!r}…")

    def _ask(self, token: str) -> tuple[int, bytes]:
        request = self.spell(token)
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(
                request.method, request.path, request.body or None, dict(request.headers)
            )
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
