"""Between a server and what answers in it, with no WSGI in between.

Granian makes the environ of a request in Rust. For WSGI it then adds, in Python and for each of
them, the environment of its process and what PEP 3333 asks for, and takes the answer apart again.
What needs nothing of that is asked with what the server made, and its answer goes back as it is.

Granian promises no such interface. Where a version of it has another shape, an application is
served by WSGI, which says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, Protocol, TypeAlias

from granian.server import mp

Environ: TypeAlias = dict[str, Any]
Headers: TypeAlias = list[tuple[str, str]]

_WRAP: Final = "_wsgi_call_wrap"
_SPAWN: Final = "_spawn_wsgi_worker"


class Line(Protocol):
    """How the server takes an answer."""

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """Send it."""

    def response_iter(self, status: int, headers: Headers, body: Iterator[bytes]) -> None:
        """Send it piece by piece, and close what the pieces come from."""


Ask: TypeAlias = Callable[[Line, Environ], int]
"""What the server calls for each request; which status that had is for a log alone."""


def spawning(asking: Callable[..., Ask]) -> Callable[..., None] | None:
    """Return what each process of a server runs; None where Granian has to know that itself.

    Args:
        asking: returns what is called, given what the process's factory made; it can be pickled.
    """
    fits = hasattr(mp, _WRAP) and hasattr(mp.MPServer, _SPAWN)
    return partial(_spawn, asking) if fits else None


def _spawn(asking: Callable[..., Ask], *told: Any, **named: Any) -> None:  # noqa: ANN401 - Granian's
    """Be a process of a server, in which nothing but that is served."""
    setattr(mp, _WRAP, asking)
    getattr(mp.MPServer, _SPAWN)(*told, **named)
