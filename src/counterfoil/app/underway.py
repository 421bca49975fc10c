"""Which requests are under way in this process, so that a stop knows when nobody waits.

It stands between the server and the guard, and is asked as WSGI asks, or by Granian itself: then
nothing of the environment of the process stands beside what a client said (`runtime/direct.py`).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final

from counterfoil.gate.middleware_wsgi import Environ, StartResponse
from counterfoil.jsonapi.guard import Told
from counterfoil.runtime.direct import Ask, Line

_ALL: Final = {"SCRIPT_NAME": "", "wsgi.errors": sys.stderr}
"""What Falcon asks of a request besides what the server says of it."""


class UnderWay:
    """What answers, and how many requests are in it.

    Args:
        answers: the guard; what it answers with, other than by a list, is under way until the
            server closes it, as WSGI asks.
    """

    def __init__(self, answers: Callable[[Environ], Told]) -> None:
        self._answers = answers
        self._requests: set[object] = set()
        self._ended = time.monotonic()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request as WSGI does."""
        line, headers, body = self.answer(environ)
        start_response(line, headers)
        return body

    def answer(self, environ: Environ) -> Told:
        """Answer one request."""
        request = object()
        self._requests.add(request)
        try:
            told = self._answers(environ)
        except BaseException:
            self._end(request)
            raise
        if type(told[2]) is list:
            self._end(request)
            return told
        return told[0], told[1], _Counted(told[2], partial(self._end, request))

    def quiet_s(self) -> float:
        """Return for how many seconds no request has been under way."""
        return 0.0 if self._requests else time.monotonic() - self._ended

    def _end(self, request: object) -> None:
        self._ended = time.monotonic()
        self._requests.discard(request)


def asking(requests: UnderWay, *_options: object) -> Ask:
    """Return what Granian calls for each request."""
    answer = requests.answer

    def ask(line: Line, environ: Environ) -> int:
        environ.update(_ALL)
        status, headers, body = answer(environ)
        code = int(status[:3])
        if type(body) is list:
            line.response_bytes(code, headers, b"".join(body))
        else:
            line.response_iter(code, headers, iter(body))
        return code

    return ask


class _Counted:
    """A body that goes out piece by piece; its end is told once."""

    def __init__(self, body: Iterable[bytes], ended: Callable[[], None]) -> None:
        self._body = body
        self._pieces = iter(body)
        self._ended: Callable[[], None] | None = ended

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._pieces)

    def close(self) -> None:
        ended, self._ended = self._ended, None
        try:
            close: Any = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            if ended is not None:
                ended()
