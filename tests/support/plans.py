"""How an engine goes about what it is asked: the plan of each statement."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
import pytest
from sqlalchemy import Connection

_ASKS: Final = ("SELECT", "UPDATE", "DELETE", "INSERT")


@contextmanager
def planned(tx: Connection) -> Iterator[list[tuple[str, list[str]]]]:
    """Collect what is asked in the block; in the end, each statement with the steps of its plan."""
    said: list[tuple[str, Any]] = []
    found: list[tuple[str, list[str]]] = []
    embedded, driver = tx.dialect.name == "sqlite", tx.connection.dbapi_connection
    assert driver is not None
    usual = psycopg.Cursor.execute

    def hear(cursor: Any, statement: Any, parameters: Any = None, **more: Any) -> Any:
        said.append((statement if isinstance(statement, str) else statement.decode(), parameters))
        return usual(cursor, statement, parameters, **more)

    with pytest.MonkeyPatch.context() as patched:  # both drivers are asked past SQLAlchemy, too
        if embedded:  # it tells values as well
            driver.set_trace_callback(lambda statement: said.append((statement, ())))
        else:
            patched.setattr(psycopg.Cursor, "execute", hear)
        try:
            yield found
        finally:
            if embedded:
                driver.set_trace_callback(None)
    explain = "EXPLAIN QUERY PLAN " if embedded else "EXPLAIN "
    for statement, parameters in said:
        if statement.startswith(_ASKS):
            steps = tx.exec_driver_sql(explain + statement, parameters or None).all()
            found.append((statement, [str(step[-1]) for step in steps]))
