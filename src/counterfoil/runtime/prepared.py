"""A statement that is asked all the time: put together once, and then run by the driver itself.

SQLAlchemy takes some ten times as long to hand such a statement to SQLite as SQLite to answer it.
Other databases are asked through SQLAlchemy as ever: there the way over the wire takes the time.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError

_DIALECT: Final = sqlite.dialect(paramstyle="named")

Reader = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Spelled:
    """A statement as SQLite reads it, for lists of certain lengths.

    Attributes:
        lists: the names of parameters that are lists; their members are `name_1`, `name_2` …
        fixed: the parameters that are always the same.
    """

    sql: str
    lists: tuple[str, ...]
    fixed: Mapping[str, object]


class Prepared:
    """A `SELECT` with parameters.

    Its rows have their columns as attributes, with the very values that SQLAlchemy would give.
    """

    def __init__(self, statement: Select[Any]) -> None:
        self._statement = statement
        self._spelled: dict[tuple[int, ...], _Spelled] = {}
        self._readers = _readers(statement)
        self._row: Any = _row_of([str(column.key) for column in statement.selected_columns])

    @property
    def text(self) -> str:
        """How it reads, without its values."""
        return str(self._statement)

    def first(self, tx: Connection, told: Mapping[str, Any]) -> Any | None:  # noqa: ANN401 - a row
        """Return the first row; None if there is none.

        Args:
            tx: of any database.
            told: every parameter by its name; one that the statement looks into is a list.
        """
        if tx.dialect.name != "sqlite":
            return tx.execute(self._statement, dict(told)).first()
        if not tx.in_transaction():
            tx.begin()
        spelled = self._for(told)
        given = {**spelled.fixed, **told}
        for name in spelled.lists:
            for place, one in enumerate(told[name], 1):
                given[f"{name}_{place}"] = one
        driver: Any = tx.connection.dbapi_connection
        try:
            found = driver.execute(spelled.sql, given).fetchone()
        except sqlite3.Error as error:
            raise DBAPIError(spelled.sql, None, error, hide_parameters=True) from error
        return None if found is None else self._read(found)

    def _read(self, found: tuple[Any, ...]) -> Any:  # noqa: ANN401 - a row
        values = list(found)
        for place, read in self._readers:
            values[place] = read(values[place])
        return self._row._make(values)

    def _for(self, told: Mapping[str, Any]) -> _Spelled:
        lengths = tuple(len(value) for value in told.values() if type(value) is list)
        known = self._spelled.get(lengths)
        if known is None:
            known = self._spelled[lengths] = _spell(self._statement, told)
        return known


def _row_of(names: list[str]) -> Any:  # noqa: ANN401 - a class that only a table knows
    return namedtuple("Row", names)  # noqa: PYI024 - as above


def _spell(statement: Select[Any], told: Mapping[str, Any]) -> _Spelled:
    spelled = statement.compile(dialect=_DIALECT).construct_expanded_state(dict(told))
    lists = tuple(name for name, value in told.items() if type(value) is list)
    members = {f"{name}_{place}" for name in lists for place in range(1, len(told[name]) + 1)}
    fixed = {
        name: str(value) if isinstance(value, str) else value
        for name, value in spelled.parameters.items()
        if name not in told and name not in members
    }
    return _Spelled(spelled.statement, lists, fixed)


def _readers(statement: Select[Any]) -> tuple[tuple[int, Reader], ...]:
    """Return how to read each column that SQLite does not give as it is meant."""
    found = []
    for place, column in enumerate(statement.selected_columns):
        read = column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None)
        if read is not None:
            found.append((place, read))
    return tuple(found)
