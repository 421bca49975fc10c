"""What an office asks of Postgres costs few ways there and back, and leaves nobody waiting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress

import psycopg
import pytest
from sqlalchemy import BigInteger, Column, MetaData, Table, bindparam, select, text, update
from sqlalchemy.exc import DBAPIError

from counterfoil.feed.outbox import advance, read_head
from counterfoil.runtime.database import Database
from counterfoil.runtime.loading import Loading
from counterfoil.runtime.prepared import Prepared
from support.office import emptied

NUMBERS = Table("number", MetaData(), Column("value", BigInteger, primary_key=True))
_FROM = Prepared(select(NUMBERS.c.value).where(NUMBERS.c.value >= bindparam("least")))
_ADD = Prepared(
    update(NUMBERS)
    .where(NUMBERS.c.value == bindparam("was"))
    .values(value=bindparam("becomes", type_=BigInteger))
)
_END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_SHOWN = "SELECT current_setting('idle_in_transaction_session_timeout')"


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    with closing(emptied(postgres_url)) as database:
        with database.transaction() as tx:
            NUMBERS.create(tx)
            Loading(NUMBERS).add(tx, [[value] for value in range(100)])
        yield database
        with database.transaction() as tx:
            NUMBERS.drop(tx)


def test_what_was_prepared_stays_so(database: Database) -> None:
    """A statement that is asked again is not put together again, whoever looks in between."""
    for _ in range(3):
        with database.reading() as tx:
            assert len(_FROM.all(tx, {"least": 90})) == 10
    with database.glance() as tx:
        names = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT number%'"
        assert tx.execute(text(names)).scalar_one() == 1


def test_rows_come_in_whatever_their_number(database: Database) -> None:
    """Rows that are loaded are all there: as many as go in one step, fewer, and more."""
    for many in (0, 1, 63, 64, 65, 200):
        with database.transaction() as tx:
            tx.execute(NUMBERS.delete())
            Loading(NUMBERS).add(tx, [[value] for value in range(many)])
        with database.glance() as tx:
            assert len(_FROM.all(tx, {"least": 0})) == many


def test_a_look_changes_nothing(database: Database) -> None:
    """Whoever reads one state of Postgres cannot write, though their look ends as a commit does."""
    with pytest.raises(DBAPIError, match="read-only"), database.reading() as tx:
        _ADD.run(tx, {"was": 5, "becomes": 500})


def test_what_fails_half_way_is_not_there(database: Database) -> None:
    """A change that fails leaves nothing, also of what the driver was told below SQLAlchemy."""
    fails = suppress(LookupError)
    with fails, database.transaction() as tx:
        assert _ADD.run(tx, {"was": 5, "becomes": 500}) == 1
        raise LookupError
    with database.glance() as tx:
        assert _FROM.all(tx, {"least": 100}) == []


def test_a_stroke_is_a_whole(database: Database) -> None:
    """What one statement changes is there at once, and holds nothing until somebody is done."""
    with database.stroke() as tx:
        assert _ADD.run(tx, {"was": 5, "becomes": 500}) == 1
        with database.glance() as other:
            assert [row.value for row in _FROM.all(other, {"least": 100})] == [500]


def test_a_lost_connection_is_told_as_one_and_given_up(database: Database) -> None:
    """Who asks over a connection that is gone is told so, and nobody is handed it, or its like."""
    mine = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with database.glance() as one, database.glance() as other:
        _FROM.all(one, {"least": 0})
        _FROM.all(other, {"least": 0})
    with psycopg.connect(mine) as admin:
        admin.execute(_END_OTHERS)
    with pytest.raises(DBAPIError) as told, database.glance() as tx:
        _FROM.all(tx, {"least": 0})
    assert told.value.connection_invalidated
    for _ in range(3):
        with database.glance() as tx:
            assert len(_FROM.all(tx, {"least": 90})) == 10


@pytest.mark.parametrize("by", ["advance", "hold"])
def test_who_holds_the_feed_may_not_be_silent_for_long(database: Database, by: str) -> None:
    """Postgres ends who holds what all others wait for before the lease of its host is over."""
    with database.transaction() as tx:
        before = tx.exec_driver_sql(_SHOWN).scalar_one()
        if by == "hold":
            read_head(tx, hold=True)
        else:
            advance(tx, events=1, entries=1)
        after = tx.exec_driver_sql(_SHOWN).scalar_one()
    with database.transaction() as tx:
        next_one = tx.exec_driver_sql(_SHOWN).scalar_one()
    assert (before, after, next_one) == ("10s", "1500ms", "10s")
