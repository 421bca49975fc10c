"""A secret that an operator keeps in a file, for somebody else to present."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

SECRET_CHARS: Final = 32
_OURS: Final = 0o077
_SHOWN_TO_US: Final = 0o037


class SecretFileError(Exception):
    """The file holds no secret, or others may read it; the message says which and what to do."""


def is_open(status: os.stat_result) -> bool:
    """Say whether others than us may read a file, or write to it.

    Where it is somebody else's, root's perhaps, it can only be shown to us as one of a group.
    """
    return bool(status.st_mode & (_OURS if status.st_uid == os.geteuid() else _SHOWN_TO_US))


def secret_in(path: Path) -> str:
    """Return the secret in a file.

    Raises:
        SecretFileError: if it holds none, or others may read it.
    """
    try:
        text = path.read_text("ascii").strip()
        status = path.stat()
    except (OSError, UnicodeDecodeError) as error:
        raise SecretFileError(f"{path} cannot be read: {type(error).__name__}") from None
    if is_open(status):
        raise SecretFileError(f"others may read {path}: chmod 600 it")
    if len(text) < SECRET_CHARS or not text.isprintable() or " " in text:
        raise SecretFileError(f"{path} shall hold a secret of at least {SECRET_CHARS} characters")
    return text
