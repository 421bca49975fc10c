"""What is read is the newest state, whatever became of who read before (X15, R1)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from counterfoil.runtime.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/office.sqlite", pool_size=2)
    with database.transaction() as tx:
        tx.execute(text("CREATE TABLE number (value INTEGER)"))
        tx.execute(text("INSERT INTO number VALUES (1), (2), (3)"))
    yield database
    database.close()


def count(tx: Connection) -> int:
    return int(tx.execute(text("SELECT count(*) FROM number")).scalar_one())


def test_a_cursor_that_a_failure_holds_keeps_nobody_behind(database: Database) -> None:
    """Who fails amid a result and keeps it leaves no connection at the old state behind."""
    kept: list[Any] = []

    def fail(tx: Connection) -> None:
        result = tx.execute(text("SELECT value FROM number"))
        kept.append((result, result.fetchone()))
        raise LookupError

    with contextlib.suppress(LookupError), database.reading() as tx:
        fail(tx)
    with database.transaction() as tx:
        tx.execute(text("INSERT INTO number VALUES (4)"))
    for _ in range(3):
        with database.reading() as tx:
            assert count(tx) == 4
    assert kept


def test_a_connection_rests_until_the_next_time(database: Database) -> None:
    """Who reads after another opens nothing anew, and sees what was committed in between."""
    with database.reading() as tx:
        count(tx)
        first = tx.connection.dbapi_connection
    with database.transaction() as writer:
        writer.execute(text("INSERT INTO number VALUES (4)"))
    with database.reading() as tx:
        assert tx.connection.dbapi_connection is first
        assert count(tx) == 4
