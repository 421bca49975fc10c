"""Sessions of Postgres that hold what a revocation waits for, and say nothing more (R10)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from falcon.testing import TestClient
from sqlalchemy.exc import DBAPIError

from counterfoil.app.build import App, build
from counterfoil.feed.outbox import read_head
from infra.postgres import new_database
from support.installation import Installed, install


@pytest.fixture
def house(tmp_path: Path, postgres: int) -> Iterator[tuple[App, Installed, str]]:
    with new_database(postgres) as url:
        made = install(tmp_path / "data", tokens=2, database_url=url)
        app = build(made.settings)
        yield app, made, url.replace("+psycopg", "")
        app.close()


@contextmanager
def _left_open(app: App, failed: list[DBAPIError]) -> Iterator[None]:
    """Hold the feed's head in a transaction, as a process does that was stopped amid a commit."""
    holds, over = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with app.database.transaction() as tx:
                read_head(tx, hold=True)
                holds.set()
                over.wait()
                read_head(tx)
        except DBAPIError as error:
            failed.append(error)

    holding = threading.Thread(target=hold)
    holding.start()
    try:
        assert holds.wait(10)
        yield
    finally:
        over.set()
        holding.join()


def test_a_session_that_is_left_open_keeps_no_revocation_from_being_made(
    house: tuple[App, Installed, str],
) -> None:
    """Postgres ends who holds the feed and says nothing; what they had begun is not there.

    The revocation that waited is made, without being asked for again.
    """
    app, made, _ = house
    client = TestClient(app.wsgi, headers={"Authorization": f"Bearer {made.tokens[1]}"})
    failed: list[DBAPIError] = []
    with _left_open(app, failed):
        assert client.simulate_delete("/cma/token").status_code == 200
        assert client.simulate_get("/cma/token").status_code == 401
    assert len(failed) == 1
    assert isinstance(failed[0].orig, psycopg.Error)


def test_each_change_says_how_long_it_may_hold_others_up(house: tuple[App, Installed, str]) -> None:
    """A change may be silent for ten seconds and wait for twenty; a look at one state is not ended.

    What reads may take as long as whoever is told of it takes: it holds nobody up.
    """
    app, _, _ = house
    shown = "SELECT current_setting('{}')"
    asked = ("idle_in_transaction_session_timeout", "lock_timeout")
    with app.database.transaction() as tx:
        held = [tx.exec_driver_sql(shown.format(one)).scalar_one() for one in asked]
    with app.database.reading() as tx:
        looks = [tx.exec_driver_sql(shown.format(one)).scalar_one() for one in asked]
    assert (held, looks) == (["10s", "20s"], ["0", "0"])
