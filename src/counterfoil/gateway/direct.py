"""From the server to the gateway and back, with no WSGI between them.

Granian makes the environ of a request in Rust. For WSGI it then adds, in Python and for each of
them, the environment of its process and what PEP 3333 asks for, and takes the answer apart again.
The gateway needs nothing of that: it is asked with what the server made, and its answer goes back
as it is.

Granian promises no such interface. Where a version of it has another shape, the gateway is served
by WSGI, which says the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol, TypeAlias

from granian.server import mp

from counterfoil.gateway.doors import Environ, Gateway
from counterfoil.gateway.identity import Headers

_WRAP: Final = "_wsgi_call_wrap"
_SPAWN: Final = "_spawn_wsgi_worker"


class Line(Protocol):
    """How the server takes an answer."""

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """Send it."""


Ask: TypeAlias = Callable[[Line, Environ], int]


def spawning() -> Callable[..., None] | None:
    """Return what each process of a server runs; None where Granian has to know that itself."""
    return _spawn if hasattr(mp, _WRAP) and hasattr(mp.MPServer, _SPAWN) else None


def asking(gateway: Gateway, *_options: object) -> Ask:
    """Return what a server calls for each request; which status that had is for a log alone."""
    answer = gateway.answer

    def ask(line: Line, environ: Environ) -> int:
        status, headers, body = answer(environ)
        code = int(status[:3])
        line.response_bytes(code, headers, body)
        return code

    return ask


def _spawn(*told: Any, **named: Any) -> None:  # noqa: ANN401 - what Granian tells its own
    """Be a process of a server, in which nothing but the gateway is served."""
    setattr(mp, _WRAP, asking)
    getattr(mp.MPServer, _SPAWN)(*told, **named)
