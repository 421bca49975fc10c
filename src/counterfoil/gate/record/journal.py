"""The journal of decisions: what the gates of a host decided, on the disk until the office has it.

    decisions/00000001.decisions    segments; those that the office has are taken away
    <chain> <json>                  a line; the chain is a digest of all that stands before it, too

The first line of a segment says which journal it is and how the segment before it ended; each other
line is a batch, and batches are numbered. A line that was cut short at the very end was never
finished: nobody was told that it stands there, and the next writer takes it away.

All processes of the host write here, and one takes what stands here to the office (`shipping.py`).
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from counterfoil.gate.record.decided import Batch, Counted, Decided, Exposed, Met
from counterfoil.kernel.entropy import Entropy
from counterfoil.runtime.ballast import is_out
from counterfoil.runtime.chain import JournalError, append, chained, spelled
from counterfoil.runtime.lasting import flush, make_folder

FORMAT: Final = 1
SUFFIX: Final = ".decisions"
SEGMENT: Final = 8 << 20
"""A segment that has grown so large is followed by another."""
MOST: Final = 512 << 20
"""So many bytes wait for the office at most: two million rows or so."""

_PRIVATE: Final = 0o700
_NAME_BYTES: Final = 16


class FullError(JournalError):
    """There is no more room: the office has taken nothing for long, or the disk is full."""


class Opening(msgspec.Struct, frozen=True, tag="opened", tag_field="line"):
    """The first line of a segment.

    Attributes:
        version: of this format.
        journal: what tells this journal from every other.
        after: the number of the last batch before it; 0 if there is none.
        chain: how the segment before it ended; empty where nothing is before it.
    """

    version: int
    journal: str
    after: int
    chain: str


class Mark(NamedTuple):
    """A place in a journal: after which batch, and how the chain went there."""

    journal: str
    position: int = 0
    chain: str = ""


Line = Opening | Batch
_decode: Final[msgspec.json.Decoder[Line]] = msgspec.json.Decoder(Opening | Batch)
_encode: Final = msgspec.json.Encoder().encode


class Lock:
    """One at a time, of all threads and processes of the host."""

    def __init__(self, path: Path) -> None:
        self._threads = threading.Lock()
        self._path = path

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold it."""
        with self._threads:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield
            finally:
                os.close(file)  # and the lock with it


class Journal:
    """The journal, for one process that writes in it.

    Args:
        folder: where it lies; its lock lies beside it, so that the folder may be taken away.
        entropy: where the name of a new one comes from.
        segment: how large a segment grows.
        most: as how many bytes batches may wait.
    """

    def __init__(
        self, folder: Path, entropy: Entropy, *, segment: int = SEGMENT, most: int = MOST
    ) -> None:
        self._folder = folder
        self._entropy = entropy
        self._largest = segment
        self._most = most
        self._lock = Lock(lock_of(folder))
        self._path: Path | None = None
        self._read = 0
        self._mark = Mark("")

    def append(
        self,
        rows: Sequence[Decided],
        counts: Sequence[Counted] = (),
        seen: Sequence[Met] = (),
        exposed: Sequence[Exposed] = (),
    ) -> None:
        """Write a batch. It is on the disk when this returns, and not at all if it raises.

        Raises:
            FullError: if too much waits already, or what room there is is for revocations.
            OSError, JournalError: if it cannot be written.
        """
        if is_out(self._folder.parent):
            message = "the disk is full: what room there is is for revocations"
            raise FullError(message)
        with self._lock.held():
            self._look()
            if self._path is None:
                self._begin()
            elif self._read > self._largest:
                self._open(self._mark)
            self._append(Batch(self._mark.position + 1, rows, counts, seen, exposed))

    def _look(self) -> None:
        """Read what other processes have written; a line that was never finished goes."""
        found = segments(self._folder)
        if not found:
            self._path = None
            return
        if self._path != found[-1]:
            self._path, self._read, self._mark = found[-1], 0, Mark("")
        with self._path.open("r+b") as file:
            file.seek(self._read)
            raw = file.read()
            _, self._mark, end = ([(None, self._mark, 0), *lines(raw, self._mark, is_last=True)])[
                -1
            ]
            if end < len(raw):
                file.truncate(self._read + end)
            self._read += end
        if self._read == 0:  # killed before its first line was whole
            self._path.unlink()
            self._path = None
            self._look()

    def _begin(self) -> None:
        make_folder(self._folder)
        self._open(Mark(self._entropy(_NAME_BYTES).hex()))

    def _open(self, after: Mark) -> None:
        """Open a segment after that place."""
        found = segments(self._folder)
        number = int(found[-1].stem) + 1 if found else 1
        self._path = self._folder / f"{number:08d}{SUFFIX}"
        self._read, self._mark = 0, after
        self._append(Opening(FORMAT, *after))
        flush(self._folder)

    def _append(self, line: Line) -> None:
        assert self._path is not None  # noqa: S101 - `append` has seen to it
        body = _encode(line)
        before = "" if isinstance(line, Opening) else self._mark.chain
        chain = chained(before, body)
        raw = spelled(chain, body)
        if isinstance(line, Batch):
            self._require_room(len(raw))
        append(self._path, self._read, raw)
        position = line.after if isinstance(line, Opening) else line.position
        self._mark, self._read = Mark(self._mark.journal, position, chain), self._read + len(raw)

    def _require_room(self, size: int) -> None:
        if sum(one.stat().st_size for one in segments(self._folder)) + size > self._most:
            message = f"{self._most} bytes of decisions wait for the office already"
            raise FullError(message)


def lines(raw: bytes, before: Mark, *, is_last: bool) -> Iterator[tuple[Line, Mark, int]]:
    """Yield the lines that are whole, each with the place after it and where it ends.

    Args:
        raw: from the beginning of a line on.
        before: the place there; at the beginning of a segment any.
        is_last: whether nothing was written after this: then its end may have been cut short.

    Raises:
        JournalError: for a line that does not fit the chain: somebody changed this.
    """
    at, mark = 0, before
    while (end := raw.find(b"\n", at)) >= 0:
        chain, _, body = raw[at:end].partition(b" ")
        is_first = body.startswith(b'{"line":"opened"')
        right = chained("" if is_first else mark.chain, body)
        if chain != right.encode():
            if is_last and end + 1 == len(raw):
                return
            message = f"it was changed or damaged after batch {mark.position}"
            raise JournalError(message)
        line = read_line(body)
        journal = line.journal if isinstance(line, Opening) else mark.journal
        position = line.after if isinstance(line, Opening) else line.position
        at, mark = end + 1, Mark(journal, position, right)
        yield line, mark, at


def read_line(body: bytes) -> Line:
    """Read a line without its chain.

    Raises:
        JournalError: for what another version has written.
    """
    try:
        line = _decode.decode(body)
    except msgspec.MsgspecError as error:
        message = f"it cannot be read: {error}"
        raise JournalError(message) from error
    if isinstance(line, Opening) and line.version != FORMAT:
        message = f"it is of format {line.version}, and this program knows {FORMAT}"
        raise JournalError(message)
    return line


def segments(folder: Path) -> list[Path]:
    """Return the segments in a folder, the oldest first."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def lock_of(folder: Path) -> Path:
    """Return the file by which those who write here and who reads agree."""
    return folder.with_name(f"{folder.name}.lock")
