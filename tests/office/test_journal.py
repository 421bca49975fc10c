"""Reads on their way into the audit log."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from counterfoil.access.caller import Caller
from counterfoil.audit.journal import Journal
from counterfoil.audit.record import Act, Entry, entries
from counterfoil.kernel.clock import micros
from counterfoil.kernel.ids import OrganizationId
from counterfoil.runtime.database import Database
from support.office import ACME, ORIGIN, START, session

pytestmark = pytest.mark.each_engine

STRICT = OrganizationId(ACME + 1)
ADA = session(1_000_000_000_000_100)
EVA = session(1_000_000_000_000_200, organization=STRICT)


@pytest.fixture
def journal(database: Database) -> Journal:
    """A journal whose thread does not run: what is written was written in the reader's time."""
    return Journal(database, strict=lambda organization: organization == STRICT)


def entry(who: Caller, name: str) -> Entry:
    return Entry(who, ORIGIN, Act(name), micros(START))


def written(database: Database) -> list[str]:
    with database.reading() as tx:
        return list(tx.scalars(select(entries.c.operation).order_by(entries.c.position)))


def test_strict_organizations_do_not_wait(database: Database, journal: Journal) -> None:
    """A read of a strict organization is on record when `put` returns, another's may wait (R16)."""
    journal.put([entry(ADA, "first")])
    assert written(database) == []
    journal.put([entry(EVA, "second")])
    assert written(database) == ["first", "second"]
    journal.put([entry(ADA, "third")])
    assert written(database) == ["first", "second"]
    journal.flush()
    assert written(database) == ["first", "second", "third"]


def test_what_cannot_be_written_waits(
    database: Database, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the log cannot be written a strict read fails; no entry is lost or doubled (R16)."""
    journal.put([entry(ADA, "first")])
    with monkeypatch.context() as patched:
        patched.setattr("counterfoil.audit.journal.write", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            journal.put([entry(EVA, "second")])
    assert written(database) == []
    journal.flush()
    assert written(database) == ["first", "second"]


def test_a_full_journal_takes_nothing_in(database: Database) -> None:
    """While the log is away so many entries wait, and no read beyond them is answered (R16)."""
    journal = Journal(database, full=3)
    for name in ("first", "second", "third"):
        journal.put([entry(ADA, name)])
    with database.transaction() as tx:
        tx.exec_driver_sql("ALTER TABLE audit_entry RENAME TO gone")
    for _ in range(5):
        with pytest.raises(DBAPIError):
            journal.put([entry(ADA, "unanswered")])
    journal.put([])
    with database.transaction() as tx:
        tx.exec_driver_sql("ALTER TABLE gone RENAME TO audit_entry")
    journal.put([entry(ADA, "fourth")])
    journal.flush()
    assert written(database) == ["first", "second", "third", "fourth"]
