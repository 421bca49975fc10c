"""Whether anything was committed since somebody looked."""

from __future__ import annotations

import multiprocessing
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from counterfoil.kernel.ids import OrganizationId
from counterfoil.runtime.database import Database
from counterfoil.runtime.witness import EVERYBODY, NOBODY, Stamp
from support.office import ACME

OTHER = OrganizationId(ACME + 1)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'office.sqlite'}"


@pytest.fixture
def books(url: str) -> Iterator[Database]:
    database = Database(url)
    with database.transaction() as tx:
        tx.execute(text("CREATE TABLE said (what TEXT)"))
    yield database
    database.close()


def say(tx: Connection) -> None:
    tx.execute(text("INSERT INTO said VALUES ('a')"))


def commit(url: str, of: int) -> None:
    database = Database(url)
    with database.transaction(of) as tx:
        say(tx)
    database.close()


@pytest.mark.parametrize("of", [ACME, EVERYBODY])
def test_a_commit_is_seen(books: Database, url: str, of: int) -> None:
    """What another process commits changes the stamp of whom it may concern, before it returns."""
    before = books.stamp(ACME)
    assert before is not None
    assert books.stamp(ACME) == before
    writer = multiprocessing.get_context("spawn").Process(target=commit, args=(url, of))
    writer.start()
    writer.join()
    assert writer.exitcode == 0
    after = books.stamp(ACME)
    assert after is not None
    assert after != before


def test_whom_it_does_not_concern(books: Database) -> None:
    """The commits of one organization, and the trail's, leave the stamp of another as it is."""
    before = books.stamp(OTHER)
    for of in (ACME, NOBODY):
        with books.transaction(of) as tx:
            say(tx)
    assert books.stamp(OTHER) == before != books.stamp(ACME)


def test_there_is_no_telling_at_a_commit(
    books: Database, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From before a commit until after it nobody knows a state by its stamp, in any process."""
    looker = Database(url)
    met: list[Stamp | None] = []
    real = type(books.engine.dialect).do_commit

    def slow(dialect: object, connection: object) -> None:
        met.append(looker.stamp(ACME))
        real(dialect, connection)  # type: ignore[arg-type]
        met.append(looker.stamp(ACME))

    monkeypatch.setattr(type(books.engine.dialect), "do_commit", slow)
    with books.transaction(ACME) as tx:
        say(tx)
        assert looker.stamp(ACME) is not None
    assert met == [None, None]
    assert looker.stamp(ACME) is not None
    looker.close()


def test_what_fails_ends_it(books: Database) -> None:
    """Work that fails, or cannot commit, leaves no doubt behind."""
    before = books.stamp(ACME)

    def fail() -> None:
        with books.transaction(ACME) as tx:
            say(tx)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert books.stamp(ACME) == before


KILLED = """
import os, signal, sys
from sqlalchemy import text
from counterfoil.runtime.database import Database
books = Database(sys.argv[1])
real = type(books.engine.dialect).do_commit
def die(dialect, connection):
    real(dialect, connection)
    os.kill(os.getpid(), signal.SIGKILL)
type(books.engine.dialect).do_commit = die
with books.transaction(int(sys.argv[2])) as tx:
    tx.execute(text("INSERT INTO said VALUES ('a')"))
"""


def test_a_writer_that_is_killed(books: Database, url: str) -> None:
    """A commit whose process was killed keeps everybody asking; whoever opens next ends that."""
    before = books.stamp(ACME)
    done = subprocess.run([sys.executable, "-c", KILLED, url, str(ACME)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert books.stamp(ACME) is None
    Database(url).close()
    assert books.stamp(ACME) not in {None, before}


def test_a_database_of_many_hosts(postgres_url: str) -> None:
    """Of a database that other hosts write to there is no telling without asking it."""
    database = Database(postgres_url)
    assert database.stamp(ACME) is None
    database.close()
