"""The marker beside a replica: says whether what lies there can be trusted after a stop.

The replica is written without waiting for the disk. While the kernel runs, that loses nothing,
whoever is killed; after a power cut its pages may be any mixture. So the first process to open it
notes the kernel's boot id, the last to close it flushes it and notes that it is clean, and what
another boot left unclean is thrown away unread and built anew from the database.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_CLEAN: Final = b"clean"
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
_LONGEST: Final = 64


def boot_id() -> str:
    """Return what names this run of the kernel; where nothing does, each opening is its own."""
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except OSError:
        return f"process {os.getpid()}"


class Marker:
    """A small file that every process with an open replica holds a shared lock on."""

    def __init__(self, path: Path, boot: str) -> None:
        self._boot = boot.encode("ascii")[:_LONGEST]
        self._folder = path.parent
        self._file: Final = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def enter(self, discard: Callable[[], None]) -> None:
        """Join those who have the replica open; whoever is alone first discards what is unclean."""
        if self._alone():
            left = os.pread(self._file, _LONGEST, 0)
            if left not in {_CLEAN, self._boot}:
                discard()
            self._note(self._boot)
        self._stay()

    def if_alone(self, act: Callable[[], object]) -> bool:
        """Do it if nobody else has the replica open; return whether that was so.

        Whoever begins meanwhile waits. Our own hold on it stays; for a moment it is let go, also
        where somebody else has one, so of two who ask at once one waits for the other.
        """
        with self._asking():
            alone = self._alone()
            try:
                if alone:
                    act()
            finally:
                self._stay()
        return alone

    def leave(self, flush: Callable[[], None]) -> None:
        """Leave; whoever is the last flushes, then notes that all is clean."""
        if self._alone():
            flush()
            self._note(_CLEAN)
        self.drop()

    def drop(self) -> None:
        """Leave without a word, as a process does that is killed."""
        os.close(self._file)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def _stay(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_SH)
        if os.pread(self._file, _LONGEST, 0) != self._boot:  # the last one left meanwhile
            self._note(self._boot)

    def _alone(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _note(self, words: bytes) -> None:
        os.pwrite(self._file, words, 0)
        os.ftruncate(self._file, len(words))
        os.fsync(self._file)
