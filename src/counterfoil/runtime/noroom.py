"""What it is that a disk takes nothing more, as databases say it and as we do (R11)."""

from __future__ import annotations

import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from counterfoil.kernel.errors import Code, Unserved
from counterfoil.runtime.ballast import FULL

_PRIMARY: Final = 0xFF
_SQLITE_FULL: Final = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
_POSTGRES_FULL: Final = "53100"


class NoRoomError(SQLAlchemyError):
    """The disk is full, and this is nothing for which room is kept."""


def has_no_room(error: BaseException | None) -> bool:
    """Say whether something was not written because the disk takes nothing more."""
    if isinstance(error, DBAPIError):
        error = error.orig
    if isinstance(error, OSError):
        return error.errno in FULL
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & _PRIMARY in _SQLITE_FULL
    return isinstance(error, NoRoomError) or getattr(error, "sqlstate", None) == _POSTGRES_FULL


def no_room() -> Unserved:
    """Return what is said of all that is not done on a full disk."""
    return Unserved(
        Code.NO_ROOM,
        "The disk of the server is full. Until there is room, tokens are revoked and nothing else "
        "is written. Nothing was changed.",
    )
