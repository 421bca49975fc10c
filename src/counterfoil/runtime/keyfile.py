"""Keys in files: made once, read by all processes of a server, open to the owner alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.private import read_private
from counterfoil.runtime.lasting import flush

_BYTES: Final = 32


class KeyFileError(Exception):
    """A key file that is damaged, or that others than its owner can read."""


def key_in(path: Path, entropy: Entropy) -> bytes:
    """Return the 32 bytes in a file, which is made if it is not there.

    Raises:
        KeyFileError: if it is damaged or open to others.
    """
    if not path.exists():
        _make(path, entropy(_BYTES))
    return key_kept_in(path)


def key_kept_in(path: Path) -> bytes:
    """Return the 32 bytes in a file that is there.

    Raises:
        FileNotFoundError: if it is not.
        KeyFileError: as `key_in` says.
    """
    key, private = read_private(path)
    if len(key) != _BYTES or not private:
        message = f"{path.name} is no key of ours, or others can read it"
        raise KeyFileError(message)
    return key


def _make(path: Path, key: bytes) -> None:
    """Write the key under another name first: nobody ever reads half of one."""
    draft = path.with_suffix(f".{os.getpid()}")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # the first one wins
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    flush(path.parent)  # whoever has met the first one waits for it, too
