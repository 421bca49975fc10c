"""Below SQLAlchemy: a statement is run by the driver of the database, on the same connection.

The driver of Postgres sends what is run here once to be prepared, and by name from then on. It has
one cursor for each connection: to make one takes as long as to ask by it. So a result is read as a
whole before the next statement is run.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    import psycopg

Told: TypeAlias = Sequence[Sequence[Any]]
"""What a driver tells of each column: its name, its kind, and more."""
Given: TypeAlias = Mapping[str, Any] | Sequence[Any]

_CURSOR: Final = "counterfoil.cursor"


class Cursor(Protocol):
    """What a driver gives of a result."""

    @property
    def description(self) -> Told | None:
        """What it tells of the columns; None if there are none."""
        ...

    @property
    def rowcount(self) -> int:
        """How many rows it has, or how many were changed."""
        ...

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row."""
        ...

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all that are left."""
        ...

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Yield all that are left."""
        ...


def run(tx: Connection, sql: str, given: Given) -> Cursor:
    """Run a statement with its parameters, in the spelling of the driver.

    Raises:
        DBAPIError: as SQLAlchemy does.
    """
    if not tx.in_transaction():
        tx.begin()
    if tx.dialect.name != "sqlite":
        return _asked(tx, sql, given)
    connection = cast("sqlite3.Connection", tx.connection.dbapi_connection)
    try:
        return connection.execute(sql, given)
    except sqlite3.Error as error:
        raise DBAPIError(sql, None, error, hide_parameters=True) from error


def tell(tx: Connection, words: str) -> None:
    """Tell a Postgres something that has no answer, be it several things at once.

    Raises:
        DBAPIError: as SQLAlchemy does.
    """
    _asked(tx, words, None)


def _asked(tx: Connection, sql: str, given: Given | None) -> Cursor:
    cursor = _cursor_of(tx)
    errors = tx.dialect.loaded_dbapi.Error
    try:
        return cursor.execute(sql.encode(), given, prepare=given is not None)
    except errors as error:
        lost = cursor.connection.broken
        if lost:
            with suppress(DBAPIError):
                tx.exec_driver_sql("SELECT 1")  # finds that out, and gives up other connections
        raise DBAPIError.instance(
            sql,
            None,
            error,
            errors,
            hide_parameters=True,
            connection_invalidated=lost,
            dialect=tx.dialect,
        ) from error


def _cursor_of(tx: Connection) -> psycopg.Cursor[Any]:
    held = tx.connection
    known: psycopg.Cursor[Any] | None = held.info.get(_CURSOR)
    if known is None:
        driver = cast("psycopg.Connection[Any]", held.dbapi_connection)
        known = held.info[_CURSOR] = driver.cursor()
    return known
