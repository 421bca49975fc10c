"""One at a time on this host: threads wait on a lock, processes on a file."""

from __future__ import annotations

import fcntl
import os
import threading
import time
import weakref
from pathlib import Path
from typing import Final

from counterfoil.kernel.errors import Code, Unserved

_AGAIN_S: Final = 0.001


def is_held(path: Path) -> bool:
    """Say whether some process of this host holds the lock of a file; nobody does where none is."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


class HostLock:
    """A lock of all threads and processes of a host. Open it in each process, after the fork.

    Args:
        path: the file that they hold; whoever wants to may map it too, by `file`.
        patience_s: how long to wait for another process that stands still amid it; as a rule for
            good.
    """

    def __init__(self, path: Path, patience_s: float | None = None) -> None:
        self._patience_s = patience_s
        self._threads = threading.Lock()
        self.file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._close = weakref.finalize(self, os.close, self.file)

    def __enter__(self) -> None:
        """Be alone.

        Raises:
            Unserved: NOT_READY, if nobody can be, and is not waited for any longer.
        """
        self._threads.acquire()
        try:
            if self._patience_s is None:
                fcntl.flock(self.file, fcntl.LOCK_EX)
            else:
                self._try(self._patience_s)
        except BaseException:
            self._threads.release()
            raise

    def _try(self, patience_s: float) -> None:
        until = time.monotonic() + patience_s
        while True:
            try:
                fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    said = "Another process of this host stands still amid what one does alone."
                    raise Unserved(Code.NOT_READY, said) from None
                time.sleep(_AGAIN_S)
            else:
                return

    def __exit__(self, *_: object) -> None:
        try:
            fcntl.flock(self.file, fcntl.LOCK_UN)
        finally:
            self._threads.release()

    def close(self) -> None:
        """Let the file go. Once is enough, and a second time closes nothing else."""
        self._close()
        self.file = -1
