"""When tokens were last seen: noted beside the log, in passing, and found again without a scan."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import event, insert, text

from counterfoil.access.caller import Caller, Method
from counterfoil.access.surface import Surface
from counterfoil.audit.journal import Journal
from counterfoil.audit.record import Act, Entry
from counterfoil.audit.seen import last_seen, table
from counterfoil.kernel.ids import TokenId
from counterfoil.runtime.database import Database
from support.office import ACME, ORIGIN, START, session

pytestmark = pytest.mark.each_engine

TOKEN = TokenId(7)
PERSONAL = replace(session(1_000_000_000_000_100), method=Method.PERSONAL, token=TOKEN)


@pytest.fixture
def journal(database: Database) -> Journal:
    return Journal(database)


def seen_by(who: Caller, at: datetime, surface: Surface | None = Surface.DELIVERY) -> Entry:
    return Entry(who, ORIGIN, Act("x", surface=surface), at)


def kept(database: Database) -> dict[Surface, datetime]:
    with database.reading() as tx:
        return {surface: at for _, surface, at in last_seen(tx, ACME, [TOKEN, TokenId(8)])}


def test_each_surface_has_its_own_time(database: Database, journal: Journal) -> None:
    """Reads and effects both count, each on its surface; the later one stays (R16, D7)."""
    later = START + timedelta(hours=1)
    journal.put([seen_by(PERSONAL, later), seen_by(PERSONAL, START, None)])
    assert kept(database) == {}
    journal.flush()
    journal.saw([seen_by(PERSONAL, START), seen_by(PERSONAL, later, Surface.MANAGEMENT)])
    journal.flush()
    assert kept(database) == {Surface.DELIVERY: later, Surface.MANAGEMENT: later}


def test_a_busy_token_is_noted_once_a_minute(
    database: Database, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of requests in a minute cost one write, and the next minute one more (R16)."""
    written: list[int] = []
    monkeypatch.setattr(
        "counterfoil.audit.journal.write_seen", lambda _, seen: written.append(len(seen))
    )
    for second in range(60):
        journal.saw([seen_by(PERSONAL, START + timedelta(seconds=second))] * 100)
        journal.flush()
    assert sum(written) == 1
    journal.saw([seen_by(PERSONAL, START + timedelta(seconds=60))])
    journal.flush()
    assert sum(written) == 2
    assert kept(database) == {}


@pytest.mark.parametrize("method", [Method.SESSION, Method.EXCHANGED, Method.SYSTEM])
def test_what_comes_and_goes_leaves_no_row(
    database: Database, journal: Journal, method: Method
) -> None:
    """Sessions and exchanged tokens are many and short-lived: they leave nothing behind here."""
    journal.put([seen_by(replace(PERSONAL, method=method), START)])
    journal.flush()
    assert kept(database) == {}


def test_what_could_not_be_written_waits(
    database: Database, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failing database loses no sight of a token, and the next turn writes it (R16)."""
    journal.saw([seen_by(PERSONAL, START)])
    with monkeypatch.context() as patched:
        patched.setattr("counterfoil.audit.journal.write_seen", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            journal.flush()
    journal.flush()
    assert kept(database) == {Surface.DELIVERY: START}


def test_it_is_found_without_a_scan(database: Database) -> None:
    """Among many tokens the few that are asked for are looked up by the key, on both engines."""
    rows = [
        {"organization_id": ACME, "token_id": number, "surface": "delivery", "at": START}
        for number in range(20_000)
    ]
    said: list[tuple[str, object]] = []
    with database.transaction() as tx:
        tx.execute(insert(table), rows)
        tx.execute(text("ANALYZE"))

    @event.listens_for(database.engine, "before_cursor_execute")
    def hear(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        said.append((statement, parameters))

    assert len(kept(database)) == 1
    statement, parameters = next(one for one in said if "audit_last_seen" in one[0])
    explain = "EXPLAIN QUERY PLAN " if database.embedded else "EXPLAIN "
    with database.reading() as tx:
        plan = str(tx.exec_driver_sql(explain + statement, parameters).all())  # type: ignore[arg-type]
    assert "pk_audit_last_seen" in plan or "sqlite_autoindex_audit_last_seen" in plan
    assert "SCAN" not in plan
    assert "Seq Scan" not in plan
