"""Rows that go into a table by the hundred, many of them in one step.

For each statement the driver of SQLite lets go of Python's lock, and gets it back behind every
request that is being answered: row by row, that takes longer than all the rest.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import chain
from typing import Any, Final, cast

from sqlalchemy import Connection, Table, column, insert, table
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError

_DIALECT: Final = sqlite.dialect(paramstyle="qmark")
_AT_ONCE: Final = 64


class Loading:
    """Puts rows into a table: each a value for every column, in their order, as it is kept."""

    def __init__(self, into: Table) -> None:
        self._names = [one.name for one in into.columns]
        self._insert = insert(table(into.name, *map(column, self._names)))
        self._one = str(self._insert.compile(dialect=_DIALECT))
        self._row = self._one.partition(" VALUES ")[2]

    def add(self, tx: Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows."""
        if not rows:
            return
        if tx.dialect.name != "sqlite":
            tx.execute(self._insert, [dict(zip(self._names, row, strict=True)) for row in rows])
            return
        driver = cast("sqlite3.Connection", tx.connection.dbapi_connection)
        try:
            for start in range(0, len(rows), _AT_ONCE):
                some = rows[start : start + _AT_ONCE]
                statement = ", ".join([self._one, *[self._row] * (len(some) - 1)])
                driver.execute(statement, list(chain.from_iterable(some)))
        except sqlite3.Error as error:
            raise DBAPIError(self._one, None, error, hide_parameters=True) from error
