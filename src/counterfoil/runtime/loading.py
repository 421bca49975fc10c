"""Rows that go into a table by the hundred, many of them in one step.

For each statement a driver lets go of Python's lock, and gets it back behind every request that is
being answered: row by row, that takes longer than all the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

from sqlalchemy import Connection, Table, column, insert, table
from sqlalchemy.dialects import sqlite

from counterfoil.runtime import driver

_DIALECT: Final = sqlite.dialect(paramstyle="qmark")
_AT_ONCE: Final = 64
"""So many rows go in one step. On Postgres half as many follow, and so on: those it prepares."""


class Loading:
    """Puts rows into a table: each a value for every column, in their order, as it is kept."""

    def __init__(self, into: Table) -> None:
        names = [one.name for one in into.columns]
        one = str(insert(table(into.name, *map(column, names))).compile(dialect=_DIALECT))
        self._spelled = {"?": one, "%s": one.replace("?", "%s")}

    def add(self, tx: Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows."""
        embedded = tx.dialect.name == "sqlite"
        one = self._spelled["?" if embedded else "%s"]
        row = one.partition(" VALUES ")[2]
        start, step = 0, _AT_ONCE
        while start < len(rows):
            while step > len(rows) - start and not embedded:
                step //= 2
            some = rows[start : start + step]
            statement = ", ".join([one, *[row] * (len(some) - 1)])
            driver.run(tx, statement, list(chain.from_iterable(some)))
            start += step
