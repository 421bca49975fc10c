"""A secret that an operator keeps in a file, for somebody else to present."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from counterfoil.kernel.plain import in_words
from counterfoil.kernel.private import read_private

SECRET_CHARS: Final = 32


class SecretFileError(Exception):
    """The file holds no secret, or others may read it; the message says which and what to do."""


def secret_in(path: Path) -> str:
    """Return the secret in a file.

    Raises:
        SecretFileError: if it holds none, or others may read it.
    """
    try:
        held, private = read_private(path)
        text = held.decode("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SecretFileError(f"{path} cannot be read: {in_words(error)}") from None
    if not private:
        raise SecretFileError(f"others may read {path}: chmod 600 it")
    if len(text) < SECRET_CHARS or not text.isprintable() or " " in text:
        raise SecretFileError(f"{path} shall hold a secret of at least {SECRET_CHARS} characters")
    return text
