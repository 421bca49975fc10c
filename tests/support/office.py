"""What every test may stand on: a clock that stands still, dice that repeat, and an office."""

from __future__ import annotations

import atexit
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
from sqlalchemy import Engine, inspect

from counterfoil import directory
from counterfoil.access.caller import Caller, Method, Origin
from counterfoil.access.grant import Grant, Term
from counterfoil.access.scope import EVERY_SCOPE
from counterfoil.app.follow import follow
from counterfoil.audit.journal import Journal, always
from counterfoil.feed.outbox import open_books
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.ids import OrganizationId, TokenId, UserId
from counterfoil.office import Office, Verify, at_their_word
from counterfoil.runtime.database import Database, metadata
from counterfoil.runtime.files import Depot, Files
from counterfoil.runtime.seal import Seal
from support.patient import patiently

ACME = OrganizationId(1_000_000_000_000_001)
ORIGIN = Origin("request-1", "192.0.2.7", "test/1")
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class StandingClock:
    """Says the same time until told to move on."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def seconds(self) -> float:
        return self.now.timestamp()

    least = seconds

    def move_on(self, **by: float) -> None:
        """Move on by so many days, hours, minutes, seconds (the words of `timedelta`)."""
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def entropy() -> Entropy:
    return random.Random(0).randbytes


ENGINES = ("sqlite", "postgres")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the suites that every store must pass on each engine in turn."""
    marked = metafunc.definition.get_closest_marker("each_engine")
    if marked and "database" in metafunc.fixturenames:
        metafunc.parametrize("database", ENGINES, indirect=True)


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """The embedded database, empty; in a suite of each engine, that engine."""
    yield from _empty(request, tmp_path, getattr(request, "param", "sqlite"))


@pytest.fixture(params=ENGINES)
def any_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Each engine in turn: for the tests of a suite that every store must pass."""
    yield from _empty(request, tmp_path, request.param)


def _empty(request: pytest.FixtureRequest, folder: Path, engine: str) -> Iterator[Database]:
    with empty_database(
        f"sqlite:///{folder / 'office.sqlite'}"
        if engine == "sqlite"
        else request.getfixturevalue("postgres_url")
    ) as database:
        yield database


_NO_CHECKS = "SET LOCAL session_replication_role = replica"
"""Rows go without a look at what refers to them: that is square work in a large tree; all go."""


@contextmanager
def empty_database(url: str) -> Iterator[Database]:
    """Give a database that has the tables of now and nothing in them, see `emptied`."""
    database = emptied(url)
    if not database.embedded:
        patiently(database)
    try:
        yield database
    finally:
        database.close()


def emptied(url: str) -> Database:
    """Open a database that has the tables of now and nothing in them.

    An embedded one is a copy of one that was made before. On a server, what an earlier test left
    there is deleted row by row: that is many times faster than making tables.
    """
    if url.startswith("sqlite"):
        shutil.copyfile(_blank(frozenset(metadata.tables)), url.removeprefix("sqlite:///"))
    database = Database(url, seal=Seal(b"s" * 32))
    _share_statements(database)
    if not database.embedded:
        with database.transaction() as tx:
            if not metadata.tables.keys() <= set(inspect(tx).get_table_names()):
                metadata.create_all(tx)
            tx.exec_driver_sql(_NO_CHECKS)
            gone = [table.delete().compile(tx) for table in reversed(metadata.sorted_tables)]
            tx.exec_driver_sql("; ".join(map(str, gone)))
            open_books(tx)
    return database


@cache
def _blank(tables: frozenset[str]) -> Path:
    """Return the file of an embedded database with these tables, made once in a process."""
    folder = Path(mkdtemp(prefix="counterfoil-blank-"))
    atexit.register(shutil.rmtree, folder)
    path = folder / "office.sqlite"
    database = Database(f"sqlite:///{path}")
    metadata.create_all(database.engine, [metadata.tables[name] for name in sorted(tables)])
    with database.transaction() as tx:
        open_books(tx)
    database.close()
    return path


_first_engines: dict[bool, Engine] = {}


def _share_statements(database: Database) -> None:
    """Let statements be compiled once in a process, as a server does, and not in each test anew.

    They are remembered by dialect, and every engine has one of its own.
    """
    with database.engine.connect():
        first = _first_engines.setdefault(database.embedded, database.engine)
    for engine in (database.engine, database._reader):  # noqa: SLF001 - nobody but these tests shares it
        engine.dialect = first.dialect
        engine._compiled_cache = first._compiled_cache  # noqa: SLF001 - as above


@pytest.fixture
def office(database: Database, clock: StandingClock, entropy: Entropy, tmp_path: Path) -> Office:
    files = Files(tmp_path / "files", entropy)
    return office_on(database, clock, entropy, files=files)


def office_on(
    database: Database,
    clock: StandingClock,
    entropy: Entropy,
    committed: Callable[[int], None] = lambda _position: None,
    verify: Verify = at_their_word,
    *,
    files: Depot | None = None,
    cursor_key: bytes | None = None,
) -> Office:
    """Open an office whose reads go on record at once."""
    return Office(
        database,
        Journal(database, strict=always),
        clock,
        entropy,
        committed=committed,
        verify=verify,
        follow=follow,
        vocabulary_of=directory.vocabulary,
        files=files,
        cursor_key=cursor_key,
    )


def session(
    user: int,
    *terms: Term,
    organization: OrganizationId = ACME,
    at: datetime = START,
) -> Caller:
    """Somebody who signed in just now; without terms, with all the power there is."""
    return Caller(
        organization=organization,
        user=UserId(user),
        method=Method.SESSION,
        grant=Grant(terms or (Term(EVERY_SCOPE),)),
        token=TokenId(user + 1),
        token_name="session",
        authenticated_at=at,
    )
