"""Refusals of nobody in particular are counted, not listed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from counterfoil.audit import refusals
from counterfoil.audit.refusals import ELSEWHERE, Refusals, neighbourhood
from counterfoil.runtime.database import Database
from house import START, StandingClock


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2ff:1::1", "2001:db8:1:200::/56"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("fe80::1%eth0", "fe80::/56"),
        ("", ELSEWHERE),
        ("unix:", ELSEWHERE),
    ],
)
def test_neighbourhood(address: str, place: str) -> None:
    """An address is kept as its network of /24 or /56, whatever its spelling (S8)."""
    assert neighbourhood(address) == place


def _rows(database: Database) -> list[tuple[object, ...]]:
    with database.reading() as tx:
        return [tuple(row) for row in tx.execute(select(refusals.table).order_by("minute"))]


def test_counted_by_minute(any_database: Database, clock: StandingClock) -> None:
    """Refusals add up by minute, network and status, over flushes and workers (S8)."""
    first, second = Refusals(any_database, clock), Refusals(any_database, clock)
    for _ in range(3):
        first.count("192.0.2.1", 401)
        second.count("192.0.2.200", 401)
        first.flush()
    second.close()
    clock.move_on(minutes=1, seconds=5)
    first.count("192.0.2.1", 401)
    first.close()
    assert _rows(any_database) == [
        (START, "192.0.2.0/24", 401, 6),
        (START + timedelta(minutes=1), "192.0.2.0/24", 401, 1),
    ]


def test_flood(database: Database, clock: StandingClock) -> None:
    """A flood from everywhere takes a bounded number of rows (S8)."""
    counted = Refusals(database, clock)
    for number in range(6_000):
        counted.count(f"10.{number // 256}.{number % 256}.1", 401)
    counted.flush()
    rows = _rows(database)
    assert len(rows) == 4_097
    assert sum(int(str(row[3])) for row in rows) == 6_000


def test_nothing_is_lost(database: Database, clock: StandingClock) -> None:
    """Counts that cannot be written go on waiting (R10)."""
    counted = Refusals(database, clock)
    counted.count("192.0.2.1", 401)
    with database.transaction() as tx:
        tx.exec_driver_sql("ALTER TABLE audit_refusal RENAME TO away")
    with pytest.raises(Exception, match="no such table"):
        counted.flush()
    with database.transaction() as tx:
        tx.exec_driver_sql("ALTER TABLE away RENAME TO audit_refusal")
    counted.flush()
    assert _rows(database) == [(START, "192.0.2.0/24", 401, 1)]
