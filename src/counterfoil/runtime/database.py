"""The database: one engine, one metadata, and the only commit in the house.

SQLite is the embedded default (WAL, `synchronous=FULL`); Postgres is the same code. Instants are
stored as whole microseconds since 1970, so that both engines order and compare them alike.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

from sqlalchemy import BigInteger, Connection, Dialect, MetaData, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.types import TypeDecorator

from counterfoil.kernel.clock import instant, micros
from counterfoil.runtime import embedded, postgres
from counterfoil.runtime.ballast import Ballast
from counterfoil.runtime.hostlock import HostLock
from counterfoil.runtime.noroom import NoRoomError, has_no_room
from counterfoil.runtime.pulse import Pulse
from counterfoil.runtime.seal import OPTION, Seal
from counterfoil.runtime.witness import EVERYBODY, NOBODY, Stamp, Witness

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_NO_ROOM: Final = "the disk is full, and this is nothing for which room is kept"

IDLE_S: Final = 10.0
"""Postgres ends a session of ours that has changed something and then says nothing for so long: its
process was stopped, or its host is gone, and everybody waits for the positions that it holds."""

_LAST: Final = datetime.max.replace(tzinfo=UTC)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant, kept as microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Go into the database as a number."""
        del dialect
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Come out of the database as an aware instant.

        What is none is the last there is: somebody else has written it, and whoever compares the
        row with its seal is to find that out.
        """
        del dialect
        try:
            return None if value is None else instant(value)
        except (TypeError, ValueError, OverflowError, OSError):
            return _LAST


class Database:
    """An engine, and transactions upon it. Opened once in each process, after the fork.

    Args:
        url: where it is.
        pool_size: so many may write at a time.
        seal: what rows are sealed with that give power; None leaves them unsealed.
    """

    def __init__(self, url: str, *, pool_size: int = 8, seal: Seal | None = None) -> None:
        self.url = _address(url)
        self.embedded = self.url.get_backend_name() == "sqlite"
        if self.embedded:
            # As many may rest beside those that write.
            self.engine = embedded.engine(url, pool_size=2 * pool_size, **_options(seal))
            lock, beside = _beside(self.url.database), _beside(self.url.database, ".witness")
            # SQLite has one writer anyway. To wait in line here and not in its busy handler makes
            # the slowest of four writers ten times faster.
            self._lock: HostLock | None = HostLock(lock)
            self._witness: Witness | None = Witness(beside, self._lock)
            self.pulse: Pulse | None = None
        else:
            self.engine = postgres.engine(url, pool_size=pool_size, **_options(seal))
            self._lock = self._witness = None
            self.pulse = Pulse(self.engine)
        self._reader = self.engine.execution_options(
            **{"sqlite_begin": "", postgres.BEGIN: postgres.LOOK}
        )
        self._glancer = self.engine.execution_options(**{postgres.BEGIN: ""})
        self.idle_s = IDLE_S
        self.ballast: Ballast | None = None
        """What is let go when there is no room; a server has one."""
        self.resting: deque[Connection] = deque()
        """Connections for reading, open from the last time."""

    def is_full(self) -> bool:
        """Say whether the disk of this host is: only what room is kept for is written."""
        return self.ballast is not None and self.ballast.is_out

    @contextmanager
    def transaction(self, of: int = EVERYBODY, *, spare: bool = False) -> Iterator[Connection]:
        """Commit on success, roll back on any exception. Nothing else in the house commits.

        Args:
            of: the one organization whose content and rules it may change; EVERYBODY or NOBODY.
            spare: whether it may use the room that is kept on a full disk.

        Raises:
            NoRoomError: if the disk is full, and that may not be used.
        """
        if self.embedded and not spare and self.is_full():
            raise NoRoomError(_NO_ROOM)
        try:
            with self._transaction(of) as tx:
                yield tx
        except DBAPIError as error:
            if self.ballast is not None and has_no_room(error):
                self.ballast.drop()
            raise

    @contextmanager
    def _transaction(self, of: int) -> Iterator[Connection]:
        if self._lock is None or self._witness is None:
            begins = {postgres.BEGIN: postgres.change(self.idle_s, embedded.BUSY_MS / 1_000)}
            with self.engine.connect() as tx, tx.execution_options(**begins).begin():
                yield tx
        else:
            with (
                self._lock,
                self.engine.connect() as tx,
                self._witness.commit(of) as about_to,
                tx.begin(),
            ):
                yield tx
                about_to()

    def stamp(self, organization: int) -> Stamp | None:
        """Return what names the state in which an organization's content and rules are.

        What is read after a stamp was got is still true while the stamp is the same. None says that
        it may be changing, or that there is no telling: of a database that other hosts write to,
        nobody knows without asking it.
        """
        return None if self._witness is None else self._witness.stamp(organization)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """See one state of the database and change nothing.

        A connection rests until the next time, but not after a failure: a cursor that its traceback
        still holds would keep it at the old state, of which a token may be good that is revoked.
        """
        if not self.embedded:
            with self._reader.connect() as tx:
                yield tx
                tx.commit()  # of nothing: at a rollback the driver forgets what it had prepared
            return
        tx = self._reading()
        driver = cast("sqlite3.Connection", tx.connection.dbapi_connection)
        try:
            driver.execute("BEGIN DEFERRED")
            yield tx
            driver.rollback()
        except BaseException:
            tx.invalidate()
            tx.close()
            raise
        if tx.invalidated:
            tx.close()
        else:
            self.resting.append(tx)

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """See the newest state at each statement: for who asks one thing, in one way and back."""
        if self.embedded:
            with self.reading() as tx:
                yield tx
        else:
            with self._glancer.connect() as tx:
                yield tx

    @contextmanager
    def stroke(self) -> Iterator[Connection]:
        """Change something by statements each of which is a whole: no content, and no rules.

        On Postgres each is a transaction of its own, in one way there and back: whose process stops
        in between holds nobody up.
        """
        if self.embedded:
            with self.transaction(NOBODY) as tx:
                yield tx
        else:
            with self._glancer.connect() as tx:
                yield tx

    def _reading(self) -> Connection:
        """Return a connection for reading, open from the last time if there is one.

        SQLAlchemy takes it to be in one long transaction: to open and close one each time costs it
        several times as much as what is read.
        """
        try:
            return self.resting.pop()
        except IndexError:
            tx = self._reader.connect()
            tx.begin()
            return tx

    def close(self) -> None:
        """Give all connections back."""
        while self.resting:
            self.resting.pop().close()
        if self.pulse is not None:
            self.pulse.close()
        self.engine.dispose()
        if self._lock is not None:
            self._lock.close()
        if self._witness is not None:
            self._witness.close()


def insert_or(tx: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return an insert that can also say what to do if the row is there already."""
    return insert_on(tx.dialect.name, table)


def insert_on(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return the same for an engine by its name: for a statement that is made once."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def _address(url: str) -> URL:
    """Read an address, which may hold a password: what is wrong with it is not shown."""
    try:
        return make_url(url)
    except ValueError:
        raise ArgumentError("no address of a database") from None


def _beside(database: str | None, suffix: str = ".lock") -> Path:
    if not database or database == ":memory:":
        message = "the embedded database lives in a file"
        raise ValueError(message)
    return Path(database).with_suffix(suffix)


def _options(seal: Seal | None) -> dict[str, Any]:
    return {
        "max_overflow": 0,
        "pool_use_lifo": True,  # who was asked last has what it takes at hand
        "hide_parameters": True,
        "execution_options": {OPTION: seal},
    }
