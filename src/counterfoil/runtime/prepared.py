"""A statement that is asked all the time: put together once, and then run by the driver itself.

SQLAlchemy takes some ten times as long to hand such a statement to SQLite as SQLite to answer it.
Other databases are asked through SQLAlchemy as ever: there the way over the wire takes the time.
"""

from __future__ import annotations

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

from sqlalchemy import Connection, Select, Update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError

_DIALECT: Final = sqlite.dialect(paramstyle="named")
_MOST: Final = 64
"""So many lengths of lists are remembered of one statement: callers choose them."""

Turn = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Spelled:
    """A statement as SQLite reads it, for lists of certain lengths.

    Attributes:
        lists: the names of parameters that are lists; their members are `name_1`, `name_2` …
        fixed: the parameters that are always the same.
        writers: how to write parameters that SQLite does not take as they are.
    """

    sql: str
    lists: tuple[str, ...]
    fixed: Mapping[str, object]
    writers: Mapping[str, Turn]

    def given(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Return all parameters."""
        given = {**self.fixed, **told}
        for name, write in self.writers.items():
            value = given[name]
            given[name] = [write(one) for one in value] if type(value) is list else write(value)
        for name in self.lists:
            for place, one in enumerate(given[name], 1):
                given[f"{name}_{place}"] = one
        return given


Statement: TypeAlias = Select[Any] | Update


class Prepared:
    """A `SELECT` with parameters, or an `UPDATE` that names whatever it changes by one.

    Its rows have their columns as attributes, with the very values that SQLAlchemy would give.
    Parameters are told by name; one that the statement looks into is a list.
    """

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self.remembered: dict[tuple[int, ...], _Spelled] = {}
        """How it is spelled for lists of these lengths."""
        self._readers = _readers(statement)
        self._row: Any = _row_of([str(column.key) for column in statement.exported_columns])

    @property
    def text(self) -> str:
        """How it reads, without its values."""
        return str(self._statement)

    def first(self, tx: Connection, told: Mapping[str, Any]) -> Any | None:  # noqa: ANN401 - a row
        """Return the first row; None if there is none."""
        if tx.dialect.name != "sqlite":
            return tx.execute(self._statement, dict(told)).first()
        found = self._ask(tx, told).fetchone()
        return None if found is None else self._read(found)

    def all(self, tx: Connection, told: Mapping[str, Any]) -> list[Any]:
        """Return every row."""
        if tx.dialect.name != "sqlite":
            return list(tx.execute(self._statement, dict(told)))
        found = self._ask(tx, told).fetchall()
        return [self._read(row) for row in found]

    def each(self, tx: Connection, told: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
        """Yield every row as a plain tuple, as far as somebody wants them; of SQLite alone."""
        found = self._ask(tx, told)
        return found if not self._readers else map(self._values, found)

    def run(self, tx: Connection, told: Mapping[str, Any]) -> int:
        """Change what is to be changed; return how many rows that is."""
        if tx.dialect.name != "sqlite":
            return tx.execute(self._statement, dict(told)).rowcount
        return self._ask(tx, told).rowcount

    def _ask(self, tx: Connection, told: Mapping[str, Any]) -> sqlite3.Cursor:
        if not tx.in_transaction():
            tx.begin()
        spelled = self._for(told)
        driver = cast("sqlite3.Connection", tx.connection.dbapi_connection)
        try:
            return driver.execute(spelled.sql, spelled.given(told))
        except sqlite3.Error as error:
            raise DBAPIError(spelled.sql, None, error, hide_parameters=True) from error

    def _read(self, found: tuple[Any, ...]) -> Any:  # noqa: ANN401 - a row
        return self._row._make(self._values(found))

    def _values(self, found: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(found)
        for place, read in self._readers:
            values[place] = read(values[place])
        return tuple(values)

    def _for(self, told: Mapping[str, Any]) -> _Spelled:
        lengths = tuple(len(value) for value in told.values() if type(value) is list)
        known = self.remembered.get(lengths)
        if known is None:
            if len(self.remembered) >= _MOST:
                self.remembered.clear()
            known = self.remembered[lengths] = _spell(self._statement, told)
        return known


def _row_of(names: list[str]) -> Any:  # noqa: ANN401 - a class that only a table knows
    return namedtuple("Row", names, rename=True)  # noqa: PYI024 - as above


def _spell(statement: Statement, told: Mapping[str, Any]) -> _Spelled:
    compiled = statement.compile(dialect=_DIALECT)
    spelled = compiled.construct_expanded_state(dict(told))
    lists = tuple(name for name, value in told.items() if type(value) is list)
    members = {f"{name}_{place}" for name in lists for place in range(1, len(told[name]) + 1)}
    fixed = {
        name: str(value) if isinstance(value, str) else value
        for name, value in spelled.parameters.items()
        if name not in told and name not in members
    }
    writers = {}
    for name in told:
        kind = compiled.binds[name].type if name in compiled.binds else None
        write = None if kind is None else kind.dialect_impl(_DIALECT).bind_processor(_DIALECT)
        if write is not None:
            writers[name] = write
    return _Spelled(spelled.statement, lists, fixed, writers)


def _readers(statement: Statement) -> tuple[tuple[int, Turn], ...]:
    """Return how to read each column that SQLite does not give as it is meant."""
    found = []
    for place, column in enumerate(statement.exported_columns):
        read = column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None)
        if read is not None:
            found.append((place, read))
    return tuple(found)
