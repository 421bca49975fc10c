"""From the database to the replica: what is committed is known when the call returns."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from counterfoil.feed import outbox
from counterfoil.feed.codec import UnknownEventError
from counterfoil.feed.event import AnyEvent
from counterfoil.feed.follow import Outbox
from counterfoil.gate.replica import Replica
from counterfoil.runtime.database import Database
from counterfoil.runtime.repeating import Repeating
from support.gate import WORLD, mint, record
from support.office import START


def commit(database: Database, *events: AnyEvent) -> int:
    """Commit these events, and return the feed's position then."""
    with database.transaction() as tx:
        heads = outbox.advance(tx, events=len(events), entries=0)
        outbox.append(tx, heads, events, START)
    return heads.position


def eventually(claim: Callable[[], bool]) -> None:
    """Wait until something holds."""
    over = threading.Event()
    for _ in range(500):
        if claim():
            return
        over.wait(0.01)
    message = "it never held"
    raise AssertionError(message)


class TestOutbox:
    def test_catch_up(self, any_database: Database, tmp_path: Path) -> None:
        """What was committed is in the replica once the call returns, on each engine (R1, R8)."""
        replica = Replica(tmp_path / "replica")
        source = Outbox(any_database, lambda _tx: ())
        assert replica.catch_up(source, commit(any_database, *WORLD)) == len(WORLD)
        position = commit(any_database, record(mint()))
        replica.catch_up(source, position)
        assert len(replica.dump()["tokens"]) == 1
        replica.close()

    def test_rebuild(self, any_database: Database, tmp_path: Path) -> None:
        """A replica is built from the records at the feed's own position, and follows on (R19)."""
        at = commit(any_database, *WORLD)
        source = Outbox(any_database, lambda _tx: WORLD)
        replica, followed = Replica(tmp_path / "one"), Replica(tmp_path / "two")
        assert replica.ensure(source)
        followed.catch_up(source)
        assert replica.position() == at
        assert replica.dump() == followed.dump()
        replica.catch_up(source, commit(any_database, record(mint())))
        followed.catch_up(source)
        assert replica.dump() == followed.dump()
        replica.close()
        followed.close()

    def test_newer_event(self, database: Database, tmp_path: Path) -> None:
        """An event of a newer office stops the gate where it stands (R3, R17)."""
        commit(database, *WORLD)
        with database.transaction() as tx:
            tx.execute(outbox.feed.update().where(outbox.feed.c.position == 5).values(version=99))
        replica = Replica(tmp_path / "replica")
        with pytest.raises(UnknownEventError):
            replica.catch_up(Outbox(database, lambda _tx: ()))
        assert replica.position() == 0
        replica.close()


def test_a_host_follows(database: Database, tmp_path: Path) -> None:
    """A host that writes nothing itself hears of what others wrote (R3)."""
    replica = Replica(tmp_path / "replica")
    source = Outbox(database, lambda _tx: ())
    feed = Repeating("feed", lambda: replica.catch_up(source), 0.01)
    feed.start()
    at = commit(database, *WORLD)
    eventually(lambda: replica.position() == at)
    assert feed.stop()
    replica.close()
