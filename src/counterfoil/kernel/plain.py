"""Failures whose message is a sentence of ours, and may stand in a log as it is."""

from __future__ import annotations


class PlainError(Exception):
    """A failure that says in plain words what is the matter, and holds no secret and no person."""


def why(error: BaseException) -> str:
    """Return what a failure says of itself, if it may be told; empty if it is not known to be."""
    return str(error) if isinstance(error, PlainError) else ""
