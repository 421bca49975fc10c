"""A bell that wakes whoever waits on this host, in whichever process, for something to happen.

A process that waits has a pipe in a folder, and whoever rings writes a byte into each of them. So
to wait costs nothing until then, and what happened is known within a fraction of a millisecond. A
bell may be missed: whoever waits looks again from time to time, and at what happened itself.
"""

from __future__ import annotations

import errno
import os
import select
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from counterfoil.kernel.entropy import Entropy, system_entropy

_NAME_BYTES: Final = 8
_PRIVATE: Final = 0o700
_PIECE: Final = 4096


class Bell:
    """Rings in all processes of a host. Open it after the fork.

    Args:
        folder: where the pipes are.
        entropy: where their names come from.
    """

    def __init__(self, folder: Path, entropy: Entropy = system_entropy) -> None:
        self._folder = folder
        self._entropy = entropy
        self._changed = threading.Condition()
        self._rings = 0
        self._path: Path | None = None
        self._closed = False
        folder.mkdir(_PRIVATE, parents=True, exist_ok=True)

    def ring(self) -> None:
        """Wake everybody who waits now."""
        self._notify()
        for path in self._folder.iterdir():
            if path != self._path and not path.name.startswith("."):
                _wake(path)

    def heard(self) -> int:
        """Return how often it rang here: look at what matters after this, and wait from then on."""
        if self._path is None:
            self._listen()
        return self._rings

    def wait(self, since: int, seconds: float) -> None:
        """Return when it has rung since it was `heard` so often, or after so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._rings != since or self._closed, seconds)

    def close(self) -> None:
        """Take the pipe away, and wake who waits here."""
        with self._changed:
            self._closed = True
            path = self._path
            self._changed.notify_all()
        if path is not None:
            _wake(path)

    def _notify(self) -> None:
        with self._changed:
            self._rings += 1
            self._changed.notify_all()

    def _listen(self) -> None:
        with self._changed:
            if self._path is not None or self._closed:
                return
            name = self._entropy(_NAME_BYTES).hex()
            draft, path = self._folder / f".{name}", self._folder / name
            os.mkfifo(draft, 0o600)
            pipe = os.open(draft, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            draft.rename(path)  # only now: a pipe that nobody reads is taken away
            self._path = path
        told = (pipe, path)
        threading.Thread(target=self._hear, args=told, name="the bell", daemon=True).start()

    def _hear(self, pipe: int, path: Path) -> None:
        while not self._closed:
            select.select([pipe], [], [])
            os.read(pipe, _PIECE)
            self._notify()
        path.unlink(missing_ok=True)
        os.close(pipe)


def _wake(path: Path) -> None:
    """Write a byte into a pipe; one that nobody reads any more is taken away."""
    try:
        pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ENXIO:  # whose process was killed
            path.unlink(missing_ok=True)
        return
    with suppress(BlockingIOError):  # it is full: who reads it is about to wake
        os.write(pipe, b"\0")
    os.close(pipe)
