"""Whole tables, read side by side: so that a million rows take seconds and little memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from typing import Any, Final, TypeAlias

from sqlalchemy import Column, ColumnElement, Connection, Select, type_coerce
from sqlalchemy.types import NullType

from counterfoil.runtime.prepared import Prepared

Raw: TypeAlias = tuple[Any, ...]

_AT_ONCE: Final = 500


@contextmanager
def stream(tx: Connection, query: Select[Any], id_: Column[int]) -> Iterator[Iterator[Raw]]:
    """Read the rows of a query in the order of an id, as far as somebody wants them.

    The order is that of the id plus nothing, so that the database sorts what it finds in one scan:
    in the order of an index, ids being random, each row would be a jump.
    """
    ordered = query.order_by(id_ + 0)
    if tx.dialect.name == "sqlite":  # row by row, SQLAlchemy takes longer than all the rest
        yield Prepared(ordered).each(tx, {})
        return
    with tx.execute(ordered.execution_options(yield_per=_AT_ONCE)) as rows:
        yield iter(rows)


class Beside:
    """A stream of what hangs on the rows of another: both come in the order of the same id.

    Args:
        rows: begin with that id.
    """

    def __init__(self, rows: Iterator[Raw]) -> None:
        self._rows = rows
        self._next = next(rows, _END)
        self._id: float = -1
        self._found: list[Raw] = []

    def of(self, id_: int) -> list[Raw]:
        """Return the rows that hang on an id; ids are asked for in their order."""
        if id_ == self._id:
            return self._found
        row, rows, found = self._next, self._rows, []
        while row[0] < id_:
            row = next(rows, _END)
        while row[0] == id_:
            found.append(row)
            row = next(rows, _END)
        self._id, self._found, self._next = id_, found, row
        return found


def bare(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a column as the database's driver gives it: instants are microseconds then."""
    return type_coerce(column, NullType())


_END: Final[Raw] = (inf,)
