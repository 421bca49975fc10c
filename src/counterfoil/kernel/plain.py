"""Failures in plain words: those whose message is a sentence of ours, and those of the system."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = re.compile(r"^\[Errno -?\d+\] ")


class PlainError(Exception):
    """A failure that says in plain words what is the matter, and holds no secret and no person."""


def why(error: BaseException) -> str:
    """Return what a failure says of itself, if it may be told; empty if it is not known to be."""
    return str(error) if isinstance(error, PlainError) else ""


def in_words(error: Exception) -> str:
    """Return what a failure of the system says to a person: no number, and no name of a class.

    Whoever tells it says beside it which file it was.
    """
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, TimeoutError):
        return "nothing came in time"
    if isinstance(error, UnicodeDecodeError):
        return "it is no text in UTF-8"
    return _NUMBER.sub("", str(error)).partition("\n")[0] or "it gives no reason"


def with_file(error: Exception) -> str:
    """Return the same, and which file it was, if the system says so."""
    name = error.filename if isinstance(error, OSError) else None
    return f"{in_words(error)}: {name}" if isinstance(name, str) else in_words(error)
