"""Whole tables, read side by side: so that a million rows take seconds and little memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from sqlalchemy import Column, Connection, Select

Raw: TypeAlias = tuple[Any, ...]

_AT_ONCE: Final = 5_000


def stream(tx: Connection, query: Select[Any], id_: Column[int]) -> Iterator[Raw]:
    """Read the rows of a query in the order of an id.

    The order is that of the id plus nothing, so that the database sorts what it finds in one scan:
    in the order of an index, ids being random, each row would be a jump.
    """
    return iter(tx.execute(query.order_by(id_ + 0).execution_options(yield_per=_AT_ONCE)))


class Beside:
    """A stream of what hangs on the rows of another: both come in the order of the same id.

    Args:
        rows: begin with that id.
    """

    def __init__(self, rows: Iterator[Raw]) -> None:
        self._rows = rows
        self._ahead = next(rows, None)
        self._id = 0
        self._found: list[Raw] = []

    def of(self, id_: int) -> list[Raw]:
        """Return the rows that hang on an id; ids are asked for in their order."""
        if id_ == self._id:
            return self._found
        self._id, self._found = id_, []
        while self._ahead is not None and self._ahead[0] <= id_:
            if self._ahead[0] == id_:
                self._found.append(self._ahead)
            self._ahead = next(self._rows, None)
        return self._found
