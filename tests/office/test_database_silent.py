"""A Postgres that says nothing is given up within seconds, not after a quarter of an hour."""

from __future__ import annotations

import socket

import pytest
from sqlalchemy.exc import OperationalError

from counterfoil.runtime.database import Database


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
