"""SQLite as the house uses it: how a connection begins, and what comes out of a column of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final, TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError

T = TypeVar("T")

BUSY_MS: Final = 20_000
UNREADABLE: Final = (TypeError, ValueError, ArithmeticError, sqlite3.Error)
"""What is raised where a row is read that somebody else has filled with nonsense."""
_NO_TEXT: Final = "Could not decode to UTF-8"
"""What the driver says of a text that is none."""

sqlite3.register_adapter(bytes, bytes)
sqlite3.register_adapter(type(None), dict[None, None]().get)
"""Both go in as they are. The driver of SQLite would find that out by an error for each of them,
which takes longer than to store it: a row of the audit trail has six."""
_PRAGMAS: Final = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_MS}",
)


def _json(text: str) -> Any:  # noqa: ANN401 - what JSON says
    """Read JSON; what is none, as SQLite does not see to, is a text, and as no seal is over it."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def engine(url: str, **options: Any) -> Engine:  # noqa: ANN401 - SQLAlchemy's
    """Return what opens a file of SQLite; `options` are SQLAlchemy's."""
    made = create_engine(url, json_deserializer=_json, **options)

    @event.listens_for(made, "connect")
    def connected(connection: DBAPIConnection, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy begins, not the driver
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(made, "begin")
    def begun(connection: Connection) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
        if mode:
            connection.exec_driver_sql(f"BEGIN {mode}")

    return made


@contextmanager
def at_all(tx: Connection) -> Iterator[None]:
    """Read texts that are none, too: for who goes through what somebody else may have written.

    They come out as texts of another wording.

    SQLite takes any bytes for a text, and the driver reads no row of an answer that has such a one.
    """
    if tx.dialect.name != "sqlite":
        yield
        return
    driver = cast("sqlite3.Connection", tx.connection.dbapi_connection)
    driver.text_factory = _text
    try:
        yield
    finally:
        driver.text_factory = str


def each_at_all(tx: Connection, read: Callable[[Connection], Iterable[T]]) -> Iterator[T]:
    """Yield what is read of one state of the database, also where a text in it is none.

    That is found out on the way, for to read every text so takes its time: then all is read again,
    and what was yielded is passed over.
    """
    told = 0
    try:
        for one in read(tx):
            told += 1
            yield one
    except (sqlite3.OperationalError, DBAPIError) as error:
        if _NO_TEXT not in str(error):
            raise
        with at_all(tx):
            yield from islice(read(tx), told, None)


def _text(told: bytes) -> str:
    """Read a text; one that is none is another then: no seal is over it, and it can be written."""
    return told.decode(errors="replace")
