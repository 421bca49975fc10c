"""A statement that is asked all the time: put together once, and then run by the driver itself.

SQLAlchemy takes some ten times as long to hand such a statement to SQLite as SQLite to answer it,
and to Postgres about as long as the way there and back. Postgres is asked to prepare it, too.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import CompoundSelect, Connection, Dialect, Insert, Select, Update
from sqlalchemy.dialects import sqlite

from counterfoil.runtime import driver
from counterfoil.runtime.driver import Cursor, Told

_SQLITE: Final = sqlite.dialect(paramstyle="named")
_MOST: Final = 64
"""So many lengths of lists are remembered of one statement: callers choose them."""

Turn = Callable[[Any], Any]


@dataclass(slots=True)
class _Spelled:
    """A statement as an engine reads it, for lists of certain lengths.

    Attributes:
        lists: the names of parameters that are lists; their members are `name_1`, `name_2` …
        fixed: the parameters that are always the same.
        writers: how to write parameters that its driver does not take as they are.
        readers: how to read each column that its driver does not give as it is meant; None before
            the first result, which says what it gives.
    """

    sql: str
    lists: tuple[str, ...]
    fixed: Mapping[str, object]
    writers: Mapping[str, Turn]
    readers: tuple[tuple[int, Turn], ...] | None = None

    def values(self, found: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return a row as it is meant."""
        if not self.readers:
            return found
        values = list(found)
        for place, read in self.readers:
            values[place] = read(values[place])
        return tuple(values)

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


Statement: TypeAlias = Select[Any] | CompoundSelect[Any] | Insert | Update


class Prepared:
    """A `SELECT` with parameters, or an `INSERT` or `UPDATE` that names each value by one.

    Its rows have their columns as attributes, with the very values that SQLAlchemy would give.
    Parameters are told by name; one that the statement looks into is a list.
    """

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self.remembered: dict[tuple[str, tuple[int, ...]], _Spelled] = {}
        """How it is spelled for an engine, and for lists of these lengths."""
        self._row: Any = _row_of([str(column.key) for column in statement.exported_columns])

    @property
    def text(self) -> str:
        """How it reads, without its values."""
        return str(self._statement)

    def first(self, tx: Connection, told: Mapping[str, Any]) -> Any | None:  # noqa: ANN401 - a row
        """Return the first row; None if there is none."""
        spelled, asked = self._ask(tx, told)
        found = asked.fetchone()
        return None if found is None else self._row._make(spelled.values(found))

    def all(self, tx: Connection, told: Mapping[str, Any]) -> list[Any]:
        """Return every row."""
        spelled, asked = self._ask(tx, told)
        return [self._row._make(spelled.values(row)) for row in asked.fetchall()]

    def each(self, tx: Connection, told: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
        """Yield every row as a plain tuple, as far as somebody wants them; of SQLite alone."""
        spelled, found = self._ask(tx, told)
        return iter(found) if not spelled.readers else map(spelled.values, found)

    def run(self, tx: Connection, told: Mapping[str, Any]) -> int:
        """Change what is to be changed; return how many rows that is."""
        return self._ask(tx, told)[1].rowcount

    def _ask(self, tx: Connection, told: Mapping[str, Any]) -> tuple[_Spelled, Cursor]:
        spelled = self._for(tx.dialect, told)
        asked = driver.run(tx, spelled.sql, spelled.given(told))
        if spelled.readers is None:
            spelled.readers = _readers(self._statement, tx.dialect, asked.description or ())
        return spelled, asked

    def _for(self, dialect: Dialect, told: Mapping[str, Any]) -> _Spelled:
        lengths = tuple(len(value) for value in told.values() if type(value) is list)
        key = (dialect.name, lengths)
        known = self.remembered.get(key)
        if known is None:
            if len(self.remembered) >= _MOST:
                self.remembered.clear()
            its = _SQLITE if dialect.name == _SQLITE.name else dialect
            known = self.remembered[key] = _spell(self._statement, its, told)
        return known


def _row_of(names: list[str]) -> Any:  # noqa: ANN401 - a class that only a table knows
    return namedtuple("Row", names, rename=True)  # noqa: PYI024 - as above


def _spell(statement: Statement, dialect: Dialect, told: Mapping[str, Any]) -> _Spelled:
    compiled = statement.compile(dialect=dialect)
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
        write = None if kind is None else kind.dialect_impl(dialect).bind_processor(dialect)
        if write is not None:
            writers[name] = write
    return _Spelled(spelled.statement, lists, fixed, writers)


def _readers(statement: Statement, dialect: Dialect, told: Told) -> tuple[tuple[int, Turn], ...]:
    found = []
    for place, (column, (_, kind, *_)) in enumerate(
        zip(statement.exported_columns, told, strict=True)
    ):
        read = column.type.dialect_impl(dialect).result_processor(dialect, kind)
        if read is not None:
            found.append((place, read))
    return tuple(found)
