"""A request of HTTP/2 as a case: its block of headers word for word, and what stands behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from support.raw_http2 import HOST, Fields, Framed

TOKEN: Final = "Bearer {token}"
BEARER: Final = (("authorization", TOKEN),)

END: Final = "\r\n"
HIDDEN: Final = "GET /admin HTTP/1.1\r\nHost: api.test\r\nX: "
"""A second request, for whoever takes bytes for syntax."""

SUBJECT: Final = "counterfoil-subject"


@dataclass(frozen=True)
class Case:
    """A request as its block of headers, where `{token}` stands for the token."""

    name: str
    fields: Fields
    body: bytes = b""
    trailers: Fields = ()
    closed: bool = False
    """Whether nothing of it may arrive, although its target is open to the token."""

    def framed(self, token: str) -> Framed:
        """Return it as it goes over the wire."""
        told = tuple((name, value.replace("{token}", token)) for name, value in self.fields)
        return Framed(told, self.body, self.trailers)


def pseudo(
    method: str = "GET", path: str = "/items/17", scheme: str = "https", authority: str = HOST
) -> Fields:
    """Return the fields that every request begins with."""
    said = {":method": method, ":scheme": scheme, ":authority": authority, ":path": path}
    return tuple(said.items())


PLAIN: Final = (*pseudo(), *BEARER)
"""What every good request begins with."""


def more(name: str, *fields: tuple[str, str], closed: bool = False) -> Case:
    """A good request with some fields besides."""
    return Case(name, (*PLAIN, *fields), closed=closed)


def instead(name: str, **said: str) -> Case:
    """A good request of which one pseudo header says something else."""
    return Case(name, (*pseudo(**said), *BEARER))
