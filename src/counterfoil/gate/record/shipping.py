"""What the gates of a host decided, on its way to the office: read in order, from where it has it.

The office keeps the place up to which it has taken things in, together with them: so whoever falls
over in between begins at the right place again, and nothing is taken in twice. Where both are on
one host, the office reads here itself; from other hosts the same batches come over HTTP.
"""

from __future__ import annotations

import os
from collections import deque
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

import structlog

from counterfoil.gate.record.decided import Batch, weight_of
from counterfoil.gate.record.journal import Lock, Mark, Opening, lines, lock_of, read_line, segments
from counterfoil.runtime.chain import JournalError


class Written(NamedTuple):
    """A batch as it stands in a journal.

    Attributes:
        after: the place after it.
        raw: its line, with those before it since the last batch that begin a segment.
    """

    batch: Batch
    after: Mark
    raw: bytes


Shipped: TypeAlias = list[Written]

PIECE: Final = 1 << 20
"""So many bytes are handed out at a time, if more than one batch is."""

log = structlog.get_logger(__name__)


class Shipping:
    """Reads the journal in a folder; one thread at a time does.

    Args:
        folder: where it lies, or will.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock(lock_of(folder))
        self._path: Path | None = None
        self._read = 0
        self._mark = Mark("")
        self._known = Mark("")
        self._seen = 0
        """So much of that segment was looked at, what is not whole yet too."""
        self._before = b""
        """Lines after the last batch that begin a segment."""
        self._ahead: deque[Written] = deque()
        """What was read already after the place that is known."""

    def journal(self) -> str | None:
        """Return which journal this is; None where there is none yet."""
        if not self._folder.is_dir():
            return None
        with self._lock.held():
            for path in segments(self._folder):
                opening = _opening(path)
                return None if opening is None else opening.journal
        return None

    def after(self, known: Mark, limit: int) -> Shipped:
        """Return what comes after a place, in order, some `limit` rows and counts of it, or a MiB.

        All of it is on the disk by then, also what a process wrote that was killed before it could
        see to that.

        Raises:
            OSError, JournalError: it cannot be read, or was changed, or is not what it was when
                that place was known.
        """
        while self._ahead and self._known != known:
            self._known = self._ahead.popleft().after
        if self._known != known:
            self._seek(known)
        if not self._ahead:
            self._ahead.extend(self._on())
        found: Shipped = []
        weight, size = 0, 0
        for one in self._ahead:
            if found and size + len(one.raw) > PIECE:
                break
            found.append(one)
            weight, size = weight + weight_of(one.batch), size + len(one.raw)
            if weight >= limit:
                break
        return found

    def left(self, shipped: Shipped) -> int:
        """Return how many bytes stand after what was handed out last."""
        size = sum(len(one.raw) for one in self._ahead) - sum(len(one.raw) for one in shipped)
        for path, _ in self._segments(self._path):
            size += path.stat().st_size - (self._seen if path == self._path else 0)
        return size

    def forget(self, known: Mark) -> None:
        """Take away what is known elsewhere: the segments that hold nothing after that place."""
        with self._lock.held():
            found = segments(self._folder)
            for path, following in pairwise(found):
                opening = _opening(following)
                if opening is None or opening.after > known.position:
                    return
                path.unlink()

    def _seek(self, known: Mark) -> None:
        """Go to a place; where what was before it is gone, to the first that is there."""
        self._path, self._read, self._mark = None, 0, Mark(known.journal)
        self._ahead.clear()
        self._known, self._seen, self._before = known, 0, b""
        if not known.position:
            return
        for path, is_last in self._segments(None):
            raw = self._raw(path, 0)
            for line, mark, end in lines(raw, Mark(""), is_last=is_last):
                if isinstance(line, Opening) and line.after > known.position:
                    log.warning("what came before is not here any more", batch=line.after)
                    self._path, self._read, self._mark = path, 0, Mark(mark.journal)
                    return
                before = line.chain if isinstance(line, Opening) else ""
                if mark.position == known.position:
                    if known.chain not in {mark.chain, before}:
                        self._known = Mark("")
                        message = f"batch {known.position} is not the one that the office has"
                        raise JournalError(message)
                    self._path, self._read, self._mark = path, end, mark
                    self._seen, self._before = end, raw[:end] if before else b""
                    return
        self._known = Mark("")
        message = f"it ends before batch {known.position}, which the office has"
        raise JournalError(message)

    def _on(self) -> Shipped:
        """Return the batches from here on to the end of a segment that has any."""
        for path, is_last in self._segments(self._path):
            start, before = (self._read, self._mark) if path == self._path else (0, Mark(""))
            raw, found, at = self._raw(path, start), list[Written](), 0
            if path == self._path:
                self._seen = start + len(raw)
            for line, mark, end in lines(raw, before, is_last=is_last):
                self._path, self._read, self._mark = path, start + end, mark
                self._seen = start + len(raw)
                self._before += raw[at:end]
                if isinstance(line, Batch):
                    found.append(Written(line, mark, self._before))
                    self._before = b""
                at = end
            if found:
                return found
        return []

    def _segments(self, start: Path | None) -> list[tuple[Path, bool]]:
        """Return the segments from one on, each with whether it is the last."""
        found = segments(self._folder)
        return [(one, one == found[-1]) for one in found if start is None or one >= start]

    def _raw(self, path: Path, start: int) -> bytes:
        with self._lock.held(), path.open("rb") as file:
            file.seek(start)
            raw = file.read()
            if raw:
                os.fdatasync(file.fileno())
        return raw


def _opening(path: Path) -> Opening | None:
    """Return the first line of a segment; None if it is not whole yet."""
    with path.open("rb") as file:
        first = file.readline()
    if not first.endswith(b"\n"):
        return None
    line = read_line(first.rstrip(b"\n").partition(b" ")[2])
    return line if isinstance(line, Opening) else None
