"""One at a time on this host: threads wait on a lock, processes on a file."""

from __future__ import annotations

import fcntl
import os
import threading
import weakref
from pathlib import Path


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
    """

    def __init__(self, path: Path) -> None:
        self._threads = threading.Lock()
        self.file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._close = weakref.finalize(self, os.close, self.file)

    def __enter__(self) -> None:
        self._threads.acquire()
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX)
        except BaseException:
            self._threads.release()
            raise

    def __exit__(self, *_: object) -> None:
        try:
            fcntl.flock(self.file, fcntl.LOCK_UN)
        finally:
            self._threads.release()

    def close(self) -> None:
        """Let the file go. Once is enough, and a second time closes nothing else."""
        self._close()
        self.file = -1
