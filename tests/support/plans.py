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
def heard(tx: Connection) -> Iterator[list[tuple[str, Any]]]:
    """Collect the statements that are run in the block, with their parameters.

    Both drivers are asked past SQLAlchemy, too; that of SQLite tells the values in the statement.
    """
    said: list[tuple[str, Any]] = []
    if tx.dialect.name == "sqlite":
        driver: Any = tx.connection.driver_connection
        driver.set_trace_callback(lambda statement: said.append((statement, ())))
        try:
            yield said
        finally:
            driver.set_trace_callback(None)
        return
    usual = psycopg.Cursor.execute

    def hear(cursor: Any, statement: Any, parameters: Any = None, **more: Any) -> Any:
        said.append((statement if isinstance(statement, str) else statement.decode(), parameters))
        return usual(cursor, statement, parameters, **more)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(psycopg.Cursor, "execute", hear)
        yield said


@contextmanager
def planned(tx: Connection) -> Iterator[list[tuple[str, list[str]]]]:
    """Collect what is asked in the block; in the end, each statement with the steps of its plan."""
    found: list[tuple[str, list[str]]] = []
    with heard(tx) as said:
        yield found
    explain = "EXPLAIN QUERY PLAN " if tx.dialect.name == "sqlite" else "EXPLAIN "
    for statement, parameters in said:
        if statement.startswith(_ASKS):
            steps = tx.exec_driver_sql(explain + statement, parameters or None).all()
            found.append((statement, [str(step[-1]) for step in steps]))


@contextmanager
def looked_at(tx: Connection) -> Iterator[list[int]]:
    """Count what is looked at in the block: steps of SQLite, or rows of Postgres by its plans.

    Of a small table Postgres reads all, and is kept from it; which tables are, it counts first.
    """
    found = [0]
    if tx.dialect.name == "sqlite":
        driver: Any = tx.connection.driver_connection

        def step() -> int:
            found[0] += 1
            return 0

        driver.set_progress_handler(step, 1)
        try:
            yield found
        finally:
            driver.set_progress_handler(None, 1)
        return
    tx.exec_driver_sql("ANALYZE")
    with heard(tx) as said:
        yield found
    tx.exec_driver_sql("SET LOCAL enable_seqscan = off")
    for statement, parameters in said:
        if statement.startswith("SELECT"):
            explain = "EXPLAIN (ANALYZE, FORMAT JSON) " + statement
            ((plan,),) = tx.exec_driver_sql(explain, parameters or None).all()
            found[0] += _rows_of(plan[0]["Plan"])


def _rows_of(plan: dict[str, Any]) -> int:
    """Return how many rows a step of a plan has seen, and those below it."""
    removed = sum(int(value) for name, value in plan.items() if name.startswith("Rows Removed"))
    mine = (int(plan["Actual Rows"]) + removed + 1) * int(plan["Actual Loops"])
    return mine + sum(map(_rows_of, plan.get("Plans", ())))
