"""An older database was put in the place by hand, and went on past where it had been."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from falcon.testing import TestClient

from counterfoil.app import recover
from counterfoil.app.build import build, rebuild
from counterfoil.app.recover import Choice
from counterfoil.feed import outbox
from counterfoil.gate.hostclock import HostClock
from counterfoil.kernel.errors import Conflict
from counterfoil.runtime.database import Database
from counterfoil.runtime.settings import Settings
from support.gate import mint, record
from support.installation import install
from support.office import START, StandingClock
from support.restored import asked, shown


def test_it_went_on(tmp_path: Path) -> None:
    """A server whose database goes on from an older copy opens nothing, however far it came (R12).

    By its positions alone it would be taken for the one that this host had followed.
    """
    made = install(tmp_path / "data", tokens=2)
    place = tmp_path / "data" / "office.sqlite"
    with closing(sqlite3.connect(place)) as here, closing(sqlite3.connect(tmp_path / "old")) as old:
        here.backup(old)

    def opens() -> int:
        app = build(made.settings)
        try:
            client = TestClient(app.wsgi, headers={"Authorization": f"Bearer {made.tokens[0]}"})
            return client.simulate_get("/cma/nodes").status_code
        finally:
            app.close()

    def write(many: int) -> None:
        database = Database(made.settings.url)
        with database.transaction() as tx:
            heads = outbox.advance(tx, events=many, entries=0)
            outbox.append(tx, heads, [record(mint()) for _ in range(many)], START)
        database.close()

    write(1)
    assert opens() == 200
    for tail in ("-wal", "-shm"):
        Path(f"{place}{tail}").unlink(missing_ok=True)
    (tmp_path / "old").replace(place)
    write(5)
    assert opens() == 503


def test_brought_to_a_new_machine(tmp_path: Path) -> None:
    """A copy that other tools brought to a new machine opens nothing, if nobody says so (R12).

    What was revoked after the copy does not come back however tired the operator is.
    """
    made = install(tmp_path / "data", tokens=2)
    app = build(made.settings)
    try:
        with (
            closing(sqlite3.connect(made.settings.office_file)) as here,
            closing(sqlite3.connect(tmp_path / "copy")) as copy,
        ):
            here.backup(copy)
        assert asked(app, "DELETE", made.tokens[0]) == 200
    finally:
        app.close()
    brought = Settings(data_dir=tmp_path / "brought")
    brought.prepare()
    (tmp_path / "copy").replace(brought.office_file)
    shutil.copy2(made.settings.seal_key_file, brought.seal_key_file)
    for _ in range(2):
        assert shown(brought, made.tokens) == [503, 503]
    with pytest.raises(Conflict):
        recover.plan_end(brought, Choice())
    recover.replay(brought, [made.settings.revocations_dir])
    planned = recover.plan_end(brought, Choice())
    recover.end_quarantine(brought, Choice(), "Ann", planned.opening)
    assert shown(brought, made.tokens) == [401, 200]


def test_a_key_that_was_given(tmp_path: Path) -> None:
    """Who brings a key and begins an installation by it has no copy: all is open (S5, R12)."""
    given = install(tmp_path / "elsewhere", tokens=0).settings.seal_key_file
    settings = Settings(data_dir=tmp_path / "data")
    settings.prepare()
    shutil.copy2(given, settings.seal_key_file)
    made = install(tmp_path / "data", tokens=1)
    assert shown(made.settings, made.tokens) == [200]


def test_a_rebuild_forgets_nothing(tmp_path: Path) -> None:
    """To build the replica of a brought database anew does not open it (R12)."""
    made = install(tmp_path / "data", tokens=1)
    app = build(made.settings)
    app.close()
    brought = Settings(data_dir=tmp_path / "brought")
    brought.prepare()
    with (
        closing(sqlite3.connect(made.settings.office_file)) as here,
        closing(sqlite3.connect(brought.office_file)) as copy,
    ):
        here.backup(copy)
    shutil.copy2(made.settings.seal_key_file, brought.seal_key_file)
    rebuild(brought)
    assert shown(brought, made.tokens) == [503]


def test_on_a_machine_whose_clock_is_behind(tmp_path: Path) -> None:
    """What was restored goes on from the latest time that the copy has seen (R6, R12).

    The machine it was brought to is not ready while its own clock is earlier.
    """
    made = install(tmp_path / "data", tokens=1)
    copied = recover.back_up(made.settings, tmp_path / "monday").checkpoint
    wrong = StandingClock()
    wrong.move_on(days=-9000)
    empty = Settings(data_dir=tmp_path / "empty")
    with (tmp_path / "monday").open("rb") as source:
        recover.put_back(empty, source, wrong)
    with closing(HostClock(empty.clock_file, wrong.seconds)) as here:
        assert here.seconds() >= (copied.last_at or 0) / 1_000_000 > wrong.seconds()
        assert here.is_alone()
