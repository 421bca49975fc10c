"""Refusals of nobody in particular are counted, not listed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from falcon.testing import Result, TestClient
from sqlalchemy import func, select

from counterfoil.app.background import sweep
from counterfoil.app.build import App, build
from counterfoil.audit import refusals
from counterfoil.audit.record import entries
from counterfoil.audit.refusals import ELSEWHERE, PER_MINUTE, Refusals, neighbourhood
from counterfoil.runtime.database import Database
from counterfoil.secret import Kind, Secret
from counterfoil.tokens import Rounds
from support.installation import install
from support.office import START, StandingClock

PATH = "/cma/audit_refusals"


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
    second.flush()
    clock.move_on(minutes=1, seconds=5)
    first.count("192.0.2.1", 401)
    first.flush()
    assert _rows(any_database) == [
        (START, "192.0.2.0/24", 401, 6),
        (START + timedelta(minutes=1), "192.0.2.0/24", 401, 1),
    ]


def test_flood(any_database: Database, clock: StandingClock) -> None:
    """A flood from everywhere takes so many rows a minute, however long it lasts (S8)."""
    workers = [Refusals(any_database, clock) for _ in range(2)]
    for number in range(12_000):
        workers[number % 2].count(f"10.{number // 256}.{number % 256}.1", 401)
        if number % 1_000 == 0:
            workers[number % 2].flush()
    for _ in range(3):
        workers[0].count("192.0.2.1", 401)
    for worker in workers:
        worker.flush()
    rows = _rows(any_database)
    assert len(rows) <= PER_MINUTE + 1
    assert sum(int(str(row[3])) for row in rows) == 12_003
    clock.move_on(minutes=1)
    workers[0].count("192.0.2.1", 401)
    workers[0].flush()
    assert _rows(any_database)[-1] == (clock(), "192.0.2.0/24", 401, 1)


def test_the_busiest_have_rows(database: Database, clock: StandingClock) -> None:
    """Whoever is refused most in a turn is named before those who are refused once (S8)."""
    counted = Refusals(database, clock)
    for number in range(2 * PER_MINUTE):
        counted.count(f"10.0.{number}.1", 401)
    for _ in range(2):
        counted.count("192.0.2.1", 429)
    counted.flush()
    assert (START, "192.0.2.0/24", 429, 2) in _rows(database)


def test_a_month_later_they_are_forgotten(any_database: Database, clock: StandingClock) -> None:
    """Counts are kept for a month and no longer, so that the table has an end (S8)."""
    counted = Refusals(any_database, clock)
    for days in (0, 29, 30):
        clock.now = START + timedelta(days=days)
        counted.count("192.0.2.1", 401)
        counted.flush()
    clock.now = START + timedelta(days=30, minutes=1)
    refusals.sweep(any_database, clock())
    assert [row[0] for row in _rows(any_database)] == [
        START + timedelta(days=29),
        START + timedelta(days=30),
    ]


def test_nobody_leaves_no_trail(tmp_path: Path) -> None:
    """Unknown tokens at every door fill no log: one row counts them all (S8, S9)."""
    installed = install(tmp_path / "data")
    app = build(installed.settings, StandingClock())
    try:
        with app.database.reading() as tx:
            before = tx.scalar(select(func.count()).select_from(entries))
        client = TestClient(app.wsgi)
        for number, path in enumerate(("/cma/token", "/cda/items", "/access_tokens") * 20):
            secret = Secret.mint(Kind.PERSONAL, app.office.entropy).reveal()
            headers = {"Authorization": f"Bearer {secret}", "User-Agent": f"x{number}"}
            assert client.simulate_get(path, headers=headers).status_code == 401
        app.refusals.flush()
        app.journal.flush()
        assert [row[2:] for row in _rows(app.database)] == [(401, 60)]
        with app.database.reading() as tx:
            assert tx.scalar(select(func.count()).select_from(entries)) == before
    finally:
        app.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[App, str]]:
    """An installation, and a token that may read its trail."""
    installed = install(tmp_path / "data")
    app = build(installed.settings)
    yield app, installed.tokens[0]
    app.close()


def _read(app: App, token: str, query: str = "") -> Result:
    headers = {"Authorization": f"Bearer {token}"}
    return TestClient(app.wsgi).simulate_get(PATH, headers=headers, query_string=query)


def test_who_reads_the_trail_reads_the_counts(house: tuple[App, str], clock: StandingClock) -> None:
    """Refusals of nobody are read by minute and network, the latest first, a page at a time (S8).

    A busier network comes before a quieter one of the same minute.
    """
    app, token = house
    counted = Refusals(app.database, clock)
    for address, status in (("192.0.2.1", 401), ("198.51.100.1", 401), ("192.0.2.9", 401)):
        counted.count(address, status)
    clock.move_on(minutes=2)
    counted.count("192.0.2.1", 429)
    counted.flush()
    first = _read(app, token, "page[size]=1").json
    (latest,) = first["data"]
    assert latest["attributes"] == {
        "at": "2026-03-01T12:02:00Z",
        "count": 1,
        "refused": [{"network": "192.0.2.0/24", "status": 429, "count": 1}],
    }
    after = first["links"]["next"].partition("?")[2]
    (earlier,) = _read(app, token, after).json["data"]
    assert (earlier["type"], earlier["attributes"]["count"]) == ("audit_refusal", 3)
    assert [(one["network"], one["count"]) for one in earlier["attributes"]["refused"]] == [
        ("192.0.2.0/24", 2),
        ("198.51.100.0/24", 1),
    ]
    since = "filter[since]=2026-03-01T12:01:00Z"
    assert _read(app, token, since).json["data"] == first["data"]
    before = "filter[before]=2026-03-01T12:01:00Z"
    assert _read(app, token, before).json["data"] == [earlier]


@pytest.mark.parametrize(
    "query",
    ["page[after]=x", f"page[after]={'9' * 18}", "filter[since]=noon", "filter[status]=401"],
)
def test_a_question_that_makes_no_sense(house: tuple[App, str], query: str) -> None:
    """A cursor that is none, a date that is none and an unknown filter are 400 (S35, S38)."""
    assert _read(*house, query).status_code == 400


def test_nobody_else_reads_the_counts(house: tuple[App, str]) -> None:
    """Without a credential there is nothing to see, and the look itself is counted (S54)."""
    app, _ = house
    assert TestClient(app.wsgi).simulate_get(PATH).status_code == 401
    app.refusals.flush()
    assert [row[2:] for row in _rows(app.database)] == [(401, 1)]


def test_what_fails_keeps_nothing_else_from_its_turn(tmp_path: Path) -> None:
    """A sweep whose one step fails does the others (R11)."""
    installed, clock = install(tmp_path / "data"), StandingClock()
    app = build(installed.settings, clock)
    try:
        app.refusals.count("192.0.2.1", 401)
        app.refusals.flush()
        clock.move_on(days=31)
        with patch.object(app.office.files, "sweep", side_effect=OSError):
            sweep(app.office, [Rounds(app.office).turn])
        assert _rows(app.database) == []
    finally:
        app.close()


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
