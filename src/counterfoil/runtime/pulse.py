"""Whether a Postgres says anything: one that is stopped says nothing, and nobody would know (R10).

Its kernel, or a proxy that keeps what it takes, acknowledges all that it is sent. So a connection
is as good as any, and whoever waits there waits without end. Therefore each process of a server
asks for something small again and again, on a connection of its own. When that is not answered, all
its connections are broken off: whoever waits is told that theirs is lost, as if it were. Until
there is an answer nobody connects, which would take two seconds each time.

One session may be stopped alone. Where somebody waits for what Postgres says is idle, and goes on
being so, that connection is broken off by itself.
"""

from __future__ import annotations

import os
import select
import socket
import time
from contextlib import suppress
from threading import get_ident
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import structlog
from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection

if TYPE_CHECKING:
    import psycopg
    from psycopg.pq.abc import PGconn
    from sqlalchemy import PoolProxiedConnection

BEAT_S: Final = 0.25
"""The pause between two questions."""
SILENT_S: Final = 1.5
"""So long an answer is waited for. With the pause, nobody waits for two seconds. Where the address
says how long a host may acknowledge nothing, in milliseconds, it is three quarters of that."""

_ACTIVE: Final = 1  # as libpq says of a connection on which somebody waits
_SAYS_NOTHING: Final = "the database says nothing"
_ALIVE: Final = "SELECT 1"
_IDLE: Final = (
    "SELECT pid, state_change FROM pg_stat_activity WHERE state LIKE 'idle%%' AND pid IN (%s)"
)

log = structlog.get_logger(__name__)


class Line(NamedTuple):
    """A connection of this process.

    Attributes:
        end: a second handle of its socket. The first one may be another file's in any moment.
        driver: says whether somebody waits.
        pid: of the session at the other end.
    """

    end: socket.socket
    driver: PGconn
    pid: int


class Pulse:
    """That of the Postgres of an engine, in one process.

    Args:
        engine: whose connections these are.

    Attributes:
        is_silent: whether the last question was not answered.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        said = cast("str | None", engine.url.query.get("tcp_user_timeout"))
        self._silent_s = int(said or 0) * 0.75 / 1_000 or SILENT_S
        self._lines: dict[int, Line] = {}
        self._idle: dict[tuple[int, bytes], float] = {}
        self._own: PoolProxiedConnection | None = None
        self._thread = 0
        self.is_silent = False
        event.listen(engine, "do_connect", self._may_connect)
        event.listen(engine, "connect", self._connected)
        event.listen(engine, "close", self._closed)
        self._apart = engine.pool.recreate()
        """From where its own connection is: all others may be taken by who waits in silence."""

    def beat(self) -> None:
        """Ask whether it is there. One thread calls this, again and again.

        Raises:
            psycopg.Error: if it cannot be asked.
            TimeoutError: if it says nothing.
        """
        self._thread = get_ident()
        try:
            self._look_at(self._ask(self._waiting()))
        except Exception as error:
            self._give_up()
            if self._is_silence(error):
                self._break_off()
            raise
        self.is_silent = False

    @property
    def lines(self) -> int:
        """How many connections of this process it knows, its own among them."""
        return len(self._lines)

    def close(self) -> None:
        """Give its own connection back, after the last question."""
        self._give_up()

    def _waiting(self) -> list[int]:
        """Return the sessions for which somebody waits."""
        lines = tuple(self._lines.values())
        return [one.pid for one in lines if one.pid and one.driver.transaction_status == _ACTIVE]

    def _ask(self, waiting: list[int]) -> set[tuple[int, bytes]]:
        """Return which of these sessions say that they are idle, and since when."""
        if self._own is None:
            self._own = self._apart.connect()
        driver = cast("psycopg.Connection[Any]", self._own.driver_connection).pgconn
        driver.send_query((_IDLE % ", ".join(map(str, waiting)) if waiting else _ALIVE).encode())
        driver.flush()
        found: set[tuple[int, bytes]] = set()
        hears = select.poll()
        hears.register(driver.socket, select.POLLIN)
        while True:
            while driver.is_busy():
                if not hears.poll(self._silent_s * 1_000):
                    raise TimeoutError(_SAYS_NOTHING)
                driver.consume_input()
            if (told := driver.get_result()) is None:
                return found if waiting else set()
            for row in range(told.ntuples if waiting else 0):
                pid, since = told.get_value(row, 0), told.get_value(row, 1)
                found.add((int(pid or 0), since or b""))

    def _look_at(self, idle: set[tuple[int, bytes]]) -> None:
        """Break off whoever waits for a session that has been idle all the time."""
        now = time.monotonic()
        self._idle = {one: self._idle.get(one, now) for one in idle}
        stopped = {pid for (pid, _), since in self._idle.items() if now - since >= self._silent_s}
        for key, line in tuple(self._lines.items()):
            if line.pid in stopped:
                log.warning("a session of the database says nothing, and is given up", pid=line.pid)
                self._end(key)

    def _is_silence(self, error: Exception) -> bool:
        timeout = self._engine.dialect.loaded_dbapi.errors.ConnectionTimeout
        return isinstance(error, TimeoutError | timeout)

    def _give_up(self) -> None:
        own, self._own = self._own, None
        if own is not None:
            own.invalidate()
            own.close()

    def _break_off(self) -> None:
        if not self.is_silent:
            log.error("the database says nothing: all connections are given up")
        self.is_silent = True
        for key in tuple(self._lines):
            self._end(key)
        self._engine.dispose()  # those that nobody has just now

    def _may_connect(self, *_told: object) -> None:
        """Raise what the driver would after two seconds, where it is known at once."""
        if self.is_silent and get_ident() != self._thread:
            raise self._engine.dialect.loaded_dbapi.OperationalError(_SAYS_NOTHING)

    def _connected(self, connection: DBAPIConnection, _record: object) -> None:
        driver = cast("psycopg.Connection[Any]", connection).pgconn
        end = socket.socket(fileno=os.dup(driver.socket))
        self._lines[id(connection)] = Line(end, driver, driver.backend_pid)

    def _closed(self, connection: DBAPIConnection, _record: object) -> None:
        line = self._lines.pop(id(connection), None)
        if line is not None:
            line.end.close()

    def _end(self, key: int) -> None:
        """Break a connection off, and hold nothing of it: who has it may never close it."""
        line = self._lines.pop(key, None)
        if line is not None:
            with suppress(OSError):
                line.end.shutdown(socket.SHUT_RDWR)
            line.end.close()
