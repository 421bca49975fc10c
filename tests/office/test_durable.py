"""A database that may lose what it has committed is not used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from counterfoil.app.fit import UnreadyError, durable, fit
from counterfoil.app.found import find_empty
from counterfoil.cli.doctor.installation import look
from counterfoil.migrations import migrate
from counterfoil.runtime.database import Database
from counterfoil.runtime.durable import unsafe
from counterfoil.runtime.settings import Settings
from infra.postgres import Cluster, own_postgres
from infra.wait import wait_until


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with own_postgres() as running:
        yield running


def reasons(url: str) -> list[str]:
    database = Database(url, pool_size=1)
    try:
        with database.reading() as tx:
            return unsafe(tx)
    finally:
        database.close()


UNSAFE: dict[str, tuple[LiteralString, LiteralString]] = {
    "fsync": ("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM RESET fsync"),
    "full_page_writes": (
        "ALTER SYSTEM SET full_page_writes = off",
        "ALTER SYSTEM RESET full_page_writes",
    ),
    "synchronous_commit": (
        "ALTER DATABASE postgres SET synchronous_commit = off",
        "ALTER DATABASE postgres RESET synchronous_commit",
    ),
}


@pytest.mark.parametrize("name", UNSAFE)
def test_a_postgres_that_forgets(
    cluster: Cluster, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real Postgres with one of these off is refused by name, also by who begins there (R5).

    It is not even migrated, and the doctor says why; once it is set right, it is taken.
    """
    monkeypatch.setenv("COUNTERFOIL_DATABASE_URL", cluster.url())
    off, on = UNSAFE[name]
    cluster.tell(off, "SELECT pg_reload_conf()")
    wait_until(lambda: reasons(cluster.url()), f"{name} to be off")
    settings = Settings(data_dir=tmp_path, database_url=cluster.url())
    for refused in (
        lambda: find_empty(settings),
        lambda: fit(Database(cluster.url(), pool_size=1)),
    ):
        with pytest.raises(UnreadyError, match=f"Postgres has {name} off: .*Set {name} = on"):
            refused()
    seen = [one.seen for one in look(tmp_path) if one.what == "durability"]
    assert seen == reasons(settings.url)
    cluster.tell(on, "SELECT pg_reload_conf()")
    wait_until(lambda: not reasons(cluster.url()), f"{name} to be on")
    find_empty(settings)


def test_whoever_runs_no_server_sets_it_for_themselves(cluster: Cluster) -> None:
    """At a Postgres of somebody else's, a role without any right does what the reason says (R5)."""
    cluster.tell("CREATE ROLE tenant LOGIN", "ALTER DATABASE postgres SET synchronous_commit = off")
    url = cluster.url().replace("postgres@", "tenant@")
    (reason,) = reasons(url)
    words = reason[reason.index("ALTER ROLE") :].removesuffix(".")
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as theirs:
        theirs.execute(words.encode())
    try:
        assert reasons(url) == []
    finally:
        cluster.tell("ALTER DATABASE postgres RESET synchronous_commit", "DROP ROLE tenant")


@pytest.mark.parametrize(
    ("pragma", "why"),
    [
        ("PRAGMA synchronous = NORMAL", "SQLite has synchronous below FULL"),
        ("PRAGMA journal_mode = DELETE", "journal of mode delete and not a WAL"),
    ],
)
def test_a_sqlite_that_forgets(tmp_path: Path, pragma: str, why: str) -> None:
    """SQLite that answers before the disk has it, or keeps no WAL, is refused with the reason (R5).

    As the product opens it, it is neither.
    """
    url = f"sqlite:///{tmp_path / 'office.sqlite'}"
    migrate(url)
    database = fit(Database(url, pool_size=1))
    (resting,) = database.resting
    resting.exec_driver_sql(pragma)
    with pytest.raises(UnreadyError, match=why):
        durable(database)
