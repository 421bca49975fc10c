"""Files that only grow, and of which each line says that all before it is as it was.

    <chain> <json>    a line; the chain is a digest of all that stands before it, too

So a line that was changed, taken out or put in breaks the chain from there on. One that was cut
short at the very end was never finished: nobody was told that it stands there.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

from counterfoil.kernel.plain import PlainError

CHAIN_CHARS: Final = 32


class JournalError(PlainError):
    """A journal that cannot be gone on with, or believed; the message says why."""


def chained(before: str, body: bytes) -> str:
    """Return the chain of a line that stands after another one."""
    return hashlib.sha256(before.encode() + b"\n" + body).hexdigest()[:CHAIN_CHARS]


def spelled(chain: str, body: bytes) -> bytes:
    """Return a line as it is written."""
    return b"%b %b\n" % (chain.encode(), body)


def append(path: Path, end: int, raw: bytes) -> None:
    """Write lines at the end of a file, which is so long and of which nobody else writes now.

    They are on the disk when this returns, and not there at all if it raises.

    Raises:
        OSError, JournalError: if they cannot be written.
    """
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        _write_all(file, raw)
        os.fdatasync(file)
    except BaseException:
        os.ftruncate(file, end)
        raise
    finally:
        os.close(file)


def _write_all(file: int, raw: bytes) -> None:
    if os.write(file, raw) != len(raw):
        message = "there is no room for it"
        raise JournalError(message)
