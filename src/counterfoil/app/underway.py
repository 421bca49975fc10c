"""Which requests are under way in this process, so that a stop knows when nobody waits."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from counterfoil.gate.middleware_wsgi import Application, Environ, StartResponse


class UnderWay:
    """An application, and how many requests are in it.

    Args:
        inner: the application; what it answers with, other than by a list, is under way until the
            server closes it, as WSGI asks.
    """

    def __init__(self, inner: Application) -> None:
        self._inner = inner
        self._requests: set[object] = set()
        self._ended = time.monotonic()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        request = object()
        self._requests.add(request)
        try:
            body = self._inner(environ, start_response)
        except BaseException:
            self._end(request)
            raise
        if isinstance(body, list):
            self._end(request)
            return body
        return _Counted(body, partial(self._end, request))

    def quiet_s(self) -> float:
        """Return for how many seconds no request has been under way."""
        return 0.0 if self._requests else time.monotonic() - self._ended

    def _end(self, request: object) -> None:
        self._ended = time.monotonic()
        self._requests.discard(request)


class _Counted:
    """A body that goes out piece by piece; its end is told once."""

    def __init__(self, body: Iterable[bytes], ended: Callable[[], None]) -> None:
        self._body = body
        self._ended: Callable[[], None] | None = ended

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        ended, self._ended = self._ended, None
        try:
            close: Any = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            if ended is not None:
                ended()
