"""A Postgres that says nothing is given up within seconds, not after a quarter of an hour."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from psycopg.errors import ConnectionTimeout
from sqlalchemy.exc import OperationalError

from chaos.cut import wire
from counterfoil.runtime.database import Database
from infra.postgres import new_database


def test_who_connects_is_told() -> None:
    """What takes the connection and says nothing is an error, and keeps no thread."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        database = Database(f"postgresql+psycopg://nobody@127.0.0.1:{port}/nothing")
        with pytest.raises(OperationalError, match="timeout"), database.reading():
            pass
        database.close()


def test_a_host_that_acknowledges_nothing_is_given_up(postgres_url: str) -> None:
    """The system ends a connection whose other host is gone, after as long as is written here."""
    assert _said(postgres_url) == {
        "connect_timeout": "2",
        "tcp_user_timeout": "2000",
        "keepalives_idle": "2",
        "keepalives_interval": "1",
        "keepalives_count": "2",
    }


def test_the_address_has_the_last_word(postgres_url: str) -> None:
    """An operator whose network is slower says so in the database's address."""
    joint = "&" if "?" in postgres_url else "?"
    said = _said(f"{postgres_url}{joint}tcp_user_timeout=60000&connect_timeout=30")
    assert (said["tcp_user_timeout"], said["connect_timeout"]) == ("60000", "30")
    assert said["keepalives_idle"] == "2"


def _said(url: str) -> dict[str, str]:
    database = Database(url)
    with database.reading() as tx:
        driver = tx.connection.driver_connection
        assert driver is not None
        said: dict[str, str] = driver.info.get_parameters()
    database.close()
    waits = ("connect_timeout", "tcp_user_timeout")
    return {name: one for name, one in said.items() if name in waits or name.startswith("keepal")}


def test_what_takes_everything_and_says_nothing_is_given_up(postgres: int) -> None:
    """Who waits for it is told that the connection is lost; nobody connects until it speaks.

    Then all goes on, with connections of their own.
    """
    with wire(postgres) as between, new_database(postgres) as there:
        database = Database(there.replace(f":{postgres}/", f":{between.port}/"))
        pulse = database.pulse
        assert pulse is not None
        pulse.beat()
        with ThreadPoolExecutor(1) as people:
            with database.reading() as tx:
                between.mode = "held"
                waiting = people.submit(tx.exec_driver_sql, "SELECT 1")
                with pytest.raises(TimeoutError):
                    pulse.beat()
                with pytest.raises(OperationalError):
                    waiting.result(10)
                tx.invalidate()
            connected = people.submit(_looks, database)
            with pytest.raises(OperationalError, match="says nothing"):
                connected.result(10)
        assert pulse.lines == 0
        between.mode = "through"
        pulse.beat()
        assert _looks(database) == 1
        database.close()


def test_who_waits_is_told_where_all_connections_are_taken(postgres: int) -> None:
    """Everybody may wait in silence: the question has a connection that nobody else can take."""
    with wire(postgres) as between, new_database(postgres) as there:
        at = there.replace(f":{postgres}/", f":{between.port}/")
        database = Database(at, pool_size=2)
        pulse = database.pulse
        assert pulse is not None
        taken = [database.engine.connect() for _ in range(2)]
        between.mode = "held"
        with ThreadPoolExecutor(2) as people:
            waiting = [people.submit(tx.exec_driver_sql, "SELECT 1") for tx in taken]
            try:
                with pytest.raises(ConnectionTimeout):
                    pulse.beat()
                for one in waiting:
                    with pytest.raises(OperationalError):
                        one.result(10)
            finally:
                between.mode = "through"
        for tx in taken:
            tx.invalidate()
            tx.close()
        pulse.beat()
        assert _looks(database) == 1
        database.close()


def test_a_connection_that_was_given_up_is_held_by_nobody(postgres: int) -> None:
    """Who had one that was broken off, and did not ask by it, may forget it: nothing of it stays.

    When the database is closed, its pulse has given its own connection back, too.
    """
    with wire(postgres) as between, new_database(postgres) as there:
        database = Database(there.replace(f":{postgres}/", f":{between.port}/"))
        pulse = database.pulse
        assert pulse is not None
        pulse.beat()
        idle = database.engine.raw_connection()
        between.mode = "held"
        with pytest.raises(TimeoutError):
            pulse.beat()
        assert pulse.lines == 0
        between.mode = "through"
        idle.invalidate()
        idle.close()
        pulse.beat()
        assert pulse.lines == 1
        database.close()
        assert pulse.lines == 0


def test_what_is_slow_is_waited_for(postgres_url: str) -> None:
    """Nobody breaks off a statement that takes long, or one that waits for a lock."""
    database = Database(postgres_url)
    pulse, is_over = database.pulse, Event()
    assert pulse is not None

    def beat() -> None:
        while not is_over.wait(0.1):
            pulse.beat()

    with ThreadPoolExecutor(2) as people:
        beating = people.submit(beat)
        try:
            with database.engine.begin() as holder, database.reading() as tx:
                holder.exec_driver_sql("SELECT pg_advisory_lock(1)")
                waiting = people.submit(tx.exec_driver_sql, "SELECT pg_advisory_lock(1)")
                holder.exec_driver_sql("SELECT pg_sleep(2.5)")
                holder.exec_driver_sql("SELECT pg_advisory_unlock(1)")
                waiting.result(10)
        finally:
            is_over.set()
        beating.result(10)
    database.close()


def _looks(database: Database) -> object:
    with database.reading() as tx:
        return tx.exec_driver_sql("SELECT 1").scalar_one()
