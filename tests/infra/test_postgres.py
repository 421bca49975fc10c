"""The shared Postgres: real, durable, and gone when its last user is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg

from infra.postgres import TESTS, new_database, shared_postgres
from infra.wait import wait_until

HOLDER = """
import sys, time
from pathlib import Path
from infra.postgres import shared_postgres
with shared_postgres(Path(sys.argv[1])) as port:
    print(port, flush=True)
    time.sleep(60)
"""


def answers(port: int) -> bool:
    try:
        psycopg.connect(host="127.0.0.1", port=port, user="postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def test_databases_are_durable_and_apart(postgres: int) -> None:
    """A test database is empty, takes UTF-8, and its commits are flushed to the disk."""
    with new_database(postgres) as url, psycopg.connect(url.replace("+psycopg", "")) as connection:
        said = {
            name: connection.execute(f"SHOW {name}").fetchone()
            for name in ("fsync", "synchronous_commit", "server_encoding")
        }
    assert said == {"fsync": ("on",), "synchronous_commit": ("on",), "server_encoding": ("UTF8",)}


def test_the_server_goes_when_its_last_user_dies(tmp_path: Path) -> None:
    """Two processes share one server; it outlives the first and not the second, killed or not."""
    state = tmp_path / "postgres"
    with (
        shared_postgres(state) as port,
        subprocess.Popen(
            [sys.executable, "-c", HOLDER, state], cwd=TESTS, stdout=subprocess.PIPE
        ) as other,
    ):
        assert other.stdout is not None
        assert int(other.stdout.readline()) == port
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
        assert answers(port)
    wait_until(lambda: not answers(port), "the server to stop")
    with shared_postgres(state) as port:
        assert answers(port)
