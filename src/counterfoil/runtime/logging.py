"""Logs: one JSON object a line, of named fields alone, and never a secret (S10).

The encoder is a list of what may pass, not of what may not: a field that it does not name is left
out. Text is cut, and whatever has the form of one of our tokens is replaced by its hint.
"""

from __future__ import annotations

import io
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from select import PIPE_BUF
from traceback import walk_tb
from typing import Any, Final, TextIO, cast

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from counterfoil.secret import redacted

FIELDS: Final = frozenset(
    {
        "at",
        "code",
        "count",
        "doing",
        "error",
        "event",
        "exception",
        "level",
        "listens",
        "logger",
        "method",
        "operation",
        "organization",
        "pid",
        "port",
        "position",
        "request_id",
        "route",
        "status",
        "token",
        "took_ms",
        "why",
        "worker",
        "workers",
    }
)
"""What a line may hold."""

FLUSH_S: Final = 0.2
"""How often the lines of requests are written."""
_LINES: Final = 500
"""So many of them wait at most."""

_LONGEST: Final = 4_000
_NUMBERS: Final = (bool, int, float)
_ENCODER: Final = json.JSONEncoder()


class Request(msgspec.Struct, frozen=True, gc=False):
    """One request, as its line says it: of these fields, only the method is a client's to choose.

    Attributes:
        route: by which door it went; None by none of ours.
        took_ms: from its head to the head of its answer.
    """

    request_id: str
    method: str
    route: str | None
    status: int
    took_ms: float
    organization: str | None
    token: str | None
    at: datetime
    event: str = "request"
    level: str = "info"


class Requests:
    """Writes the lines of requests, past structlog: there is one for each, in the form of all.

    They wait for a moment and are written together. Somebody calls `flush` every so often, and once
    more at the end; what a crash loses are the lines of that moment.
    """

    def __init__(self) -> None:
        self._write: Callable[[bytes], object] | None = None
        self._encoder = msgspec.json.Encoder()
        self._waiting: list[Request] = []
        self._writing = threading.Lock()

    def configure(self, out: TextIO | None) -> None:
        """Say where they go; nowhere, if to None."""
        self.flush()
        self._write = None if out is None else _writer(out)

    def note(self, request: Request) -> None:
        """Take a line in; where many wait, whoever brings the next writes them."""
        if self._write is not None:
            self._waiting.append(request)
            if len(self._waiting) >= _LINES:
                self.flush()

    def flush(self) -> None:
        """Write what waits, in the order in which it came; what cannot be written is lost."""
        with self._writing:
            waiting = self._waiting[:]
            del self._waiting[: len(waiting)]
            if self._write is not None:
                with suppress(OSError):
                    for piece in _pieces(self._encoder.encode_lines(waiting)):
                        self._write(piece)


def _pieces(lines: bytes) -> Iterator[bytes]:
    """Part lines into pieces that a pipe takes whole: another process may write to it as well."""
    at = 0
    while at < len(lines):
        end = lines.rfind(b"\n", at, at + PIPE_BUF) + 1
        yield lines[at:end]
        at = end


def _writer(out: TextIO) -> Callable[[bytes], object]:
    """Return what writes a piece at once: into a file, or whatever else takes text."""
    try:
        return partial(os.write, out.fileno())
    except io.UnsupportedOperation:
        return lambda piece: out.write(piece.decode())


requests: Final = Requests()


def allow_listed(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Keep the fields that may pass, in a form in which they can hold no secret."""
    return {name: _plain(value) for name, value in event.items() if name in FIELDS}


def configure(level: str = "info", stream: TextIO | None = None) -> None:
    """Send all logs of this process to standard error, as JSON; of libraries, warnings alone."""
    raw = sys.stderr if stream is None else stream
    out = cast("TextIO", _Forgiving(raw))
    first: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    last: list[Processor] = [_traced, allow_listed, structlog.processors.JSONRenderer(_as_json)]
    structlog.configure(
        processors=[*first, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    requests.configure(raw if level in {"debug", "info"} else None)
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[*last], foreign_pre_chain=[structlog.stdlib.add_logger_name, *first]
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


class _Forgiving:
    """A stream that loses what cannot be written: on a full disk no request fails by its log."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


def _traced(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Say where an exception came from: kind, files and lines, and none of its values."""
    found = event.pop("exc_info", None)
    if found:
        kind, _, trace = found if isinstance(found, tuple) else sys.exc_info()
        places = [f"{frame.f_code.co_filename}:{line}" for frame, line in walk_tb(trace)]
        event["exception"] = " > ".join([*places, kind.__name__ if kind else "?"])
    return event


def _as_json(event: EventDict, **_: object) -> str:
    return _ENCODER.encode(event)


def _plain(value: Any) -> object:  # noqa: ANN401 - whatever a caller of the logger gives
    if value is None or isinstance(value, _NUMBERS):
        return value
    return redacted(str(value))[:_LONGEST]
