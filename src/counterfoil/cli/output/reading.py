"""A file or a pipe that is read from one end to the other, under a bar."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final

from counterfoil.cli.output.progress import bar
from counterfoil.kernel.headway import Stage, Tell

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PIECE: Final = 1 << 20


@contextmanager
def under_bar(source: BinaryIO, label: str) -> Iterator[BinaryIO]:
    """Give the same bytes, and show how many are read: of how many, unless a pipe gives them."""
    found = os.fstat(source.fileno())
    total = found.st_size if stat.S_ISREG(found.st_mode) else None
    with bar() as tell:
        yield io.BufferedReader(_Told(source, tell, Stage(label, total, in_bytes=True)), _PIECE)


class _Told(io.RawIOBase):
    """Tells how much of it was read."""

    def __init__(self, source: BinaryIO, tell: Tell, stage: Stage) -> None:
        self._source = source
        self._tell = tell
        self._stage = stage
        self._done = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill a buffer as far as there is something; return how far that was."""
        room = memoryview(buffer).cast("B")
        piece = self._source.read(len(room))
        room[: len(piece)] = piece
        self._done += len(piece)
        self._tell(self._stage, self._done)
        return len(piece)
