"""A host that cannot follow the feed says so, and so does one that can put nothing on record."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import lmdb
import pytest
import structlog
from falcon.testing import Result, TestClient
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from counterfoil.app import health
from counterfoil.app.build import App, build
from counterfoil.app.effective import effective, follow_all
from counterfoil.audit.record import entries
from counterfoil.feed.codec import UnknownEventError
from counterfoil.feed.event import AnyEvent
from counterfoil.feed.revocations import Revocations
from counterfoil.feed.source import Inventory, Source, Untied
from counterfoil.gate.replica import GapError, Replica
from counterfoil.kernel.errors import Unserved
from counterfoil.runtime import logging
from infra.server import serving
from infra.wait import wait_until
from support.installation import Installed, install
from support.sample import Talker

NEWER = (
    "CREATE TRIGGER newer AFTER INSERT ON feed BEGIN "
    "UPDATE feed SET version = 99 WHERE position = NEW.position; END"
)
"""As if an office of a later version had written what is written from now on."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[App, Installed, TestClient]]:
    made = install(tmp_path / "data", tokens=2)
    app = build(made.settings)
    yield app, made, TestClient(app.wsgi, headers={"Authorization": f"Bearer {made.tokens[0]}"})
    app.close()


def _said(app: App, *statements: str) -> None:
    with app.database.transaction() as tx:
        for statement in statements:
            tx.exec_driver_sql(statement)


def _folders(tx: Connection) -> list[str]:
    found = tx.exec_driver_sql("SELECT slug FROM node WHERE kind = 'folder' AND slug <> ''")
    return sorted(row[0] for row in found)


def _folder(made: Installed, slug: str) -> dict[str, Any]:
    parent = {"data": {"type": "node", "id": str(made.root)}}
    attributes = {"kind": "folder", "slug": slug}
    return {"data": {"type": "node", "attributes": attributes, "relationships": {"parent": parent}}}


def _create(client: TestClient, made: Installed, slug: str) -> Result:
    return client.simulate_post("/cma/nodes", json=_folder(made, slug))


def _recorded(app: App, operation: str) -> int:
    with app.database.reading() as tx:
        named = select(func.count()).where(entries.c.operation == operation)
        return int(tx.scalar(named) or 0)


def test_an_unreadable_event(house: tuple[App, Installed, TestClient]) -> None:
    """A commit that the gate cannot take in is 503 and says that it was made (R3, R19).

    From then on the host is not ready and changes nothing, until it can read the feed again.
    """
    app, made, client = house
    assert client.simulate_get("/readyz").status_code == 200
    _said(app, NEWER)
    seen = _create(client, made, "committed")
    (error,) = seen.json["errors"]
    assert seen.status_code == 503
    assert seen.headers["Counterfoil-Position"] == str(error["meta"]["position"])
    assert error["code"] == "NOT_READY"
    assert "committed" in error["detail"]
    assert error["meta"]["committed"] is True
    ready = client.simulate_get("/readyz")
    assert (ready.status_code, ready.json["errors"][0]["code"]) == (503, "NOT_READY")
    seen = _create(client, made, "refused")
    assert (seen.status_code, "Counterfoil-Position" in seen.headers) == (503, False)
    assert "Nothing was changed" in seen.json["errors"][0]["detail"]
    with app.database.reading() as tx:
        assert _folders(tx) == ["committed"]
    _said(app, "DROP TRIGGER newer", "UPDATE feed SET version = 1")
    ready = client.simulate_get("/readyz")
    assert (ready.status_code, ready.json["position"]) == (200, error["meta"]["position"])
    assert _create(client, made, "afterwards").status_code == 201


def test_a_gate_without_books(house: tuple[App, Installed, TestClient]) -> None:
    """Where the database is away, the host is not ready, and lives (R10, R19)."""
    app, _, client = house
    _said(app, "ALTER TABLE feed_head RENAME TO gone")
    assert client.simulate_get("/readyz").status_code == 503
    assert client.simulate_get("/livez").status_code == 200
    _said(app, "ALTER TABLE gone RENAME TO feed_head")
    assert client.simulate_get("/readyz").status_code == 200


@pytest.fixture
def working(
    house: tuple[App, Installed, TestClient], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[App, Installed, TestClient]]:
    """The same with all that goes on in the background; it is late soon, and logs as it does."""
    monkeypatch.setattr(health, "LATE_S", 1.0)
    logging.configure()
    house[0].start()
    yield house
    structlog.reset_defaults()


def _unready(client: TestClient) -> bool:
    seen = client.simulate_get("/readyz")
    return seen.status_code == 503 and "on record" in seen.json["errors"][0]["detail"]


def _ready(client: TestClient) -> bool:
    return client.simulate_get("/readyz").status_code == 200


def test_a_locked_database(working: tuple[App, Installed, TestClient]) -> None:
    """While somebody keeps the database for themselves, reads are answered and it is unready (R10).

    What was read meanwhile is on record afterwards, once.
    """
    app, made, client = working
    with closing(sqlite3.connect(made.settings.office_file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert client.simulate_get("/cda/nodes").status_code == 200
        wait_until(lambda: _unready(client), "the host to be unready")
        assert client.simulate_get("/livez").status_code == 200
        assert client.simulate_get("/cda/nodes").status_code == 200
        other.execute("ROLLBACK")
    wait_until(lambda: _ready(client), "the host to be ready again")
    app.journal.flush()
    assert _recorded(app, "delivery.list") == 2


def test_a_log_that_is_gone(working: tuple[App, Installed, TestClient]) -> None:
    """Without the log nothing is done, no refusal is answered as one, and it is unready (R14).

    It is ready again by itself, though nobody asks for anything.
    """
    app, made, client = working
    _said(app, "ALTER TABLE audit_entry RENAME TO gone")
    assert _create(client, made, "unrecorded").status_code == 503
    assert client.simulate_delete("/cma/nodes/4031846205310216").status_code == 503
    wait_until(lambda: _unready(client), "the host to be unready")
    assert client.simulate_get("/livez").status_code == 200
    _said(app, "ALTER TABLE gone RENAME TO audit_entry")
    wait_until(lambda: _ready(client), "the host to be ready again")
    with app.database.reading() as tx:
        assert _folders(tx) == []
    assert _create(client, made, "recorded").status_code == 201


@pytest.mark.slow
def test_a_full_disk(tmp_path: Path) -> None:
    """Where no file can grow, tokens verify, nothing is done by half, and it is unready (R11).

    With room again it is ready, and what was read meanwhile is on record.
    """
    made = install(tmp_path / "data")
    with serving(made.settings.data_dir, "--workers", "1") as server:
        client = Talker(server.port)
        mine = client.bearing(made.tokens[0])
        assert mine("GET", "/cma/nodes").status == 200
        (worker,) = server.workers()
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        body = _folder(made, "unwritten")
        wait_until(lambda: mine("POST", "/cma/nodes", body).status == 507, "the disk to be full")
        assert mine("GET", "/cda/nodes").status == 200
        assert client.bearing("cfs_unknown")("GET", "/cda/nodes").status == 401
        wait_until(lambda: client("GET", "/readyz").status == 507, "the host to be unready")
        assert client("GET", "/livez").status == 200
        assert mine("GET", "/cda/nodes").status == 200
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        wait_until(lambda: client("GET", "/readyz").status == 200, "the host to be ready again")
        assert mine("POST", "/cma/nodes", _folder(made, "written")).status == 201
    app = build(made.settings)
    with app.database.reading() as tx:
        assert _folders(tx) == ["written"]
    assert _recorded(app, "delivery.list") == 2
    app.close()


class _Broken(Untied):
    """Books that cannot be read, for one reason or another."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read_after(self, *_: int) -> list[tuple[int, AnyEvent]]:
        raise self._error

    @contextmanager
    def inventory(self) -> Iterator[Inventory]:
        raise self._error
        yield


@pytest.mark.parametrize(
    "error",
    [
        lmdb.DiskError("no space"),
        GapError("one is missing"),
        UnknownEventError("newer"),
        OperationalError("select", None, OSError("gone")),
        PoolTimeout("busy"),
    ],
)
def test_whatever_keeps_the_gate_behind(tmp_path: Path, error: Exception) -> None:
    """Each of the ways in which a gate stays behind a commit is told as the same 503 (R11, R19)."""
    replica, journal = Replica(tmp_path / "replica"), Revocations(tmp_path / "revocations")
    with pytest.raises(Unserved) as caught:
        effective(partial(follow_all, replica, journal, _Broken(error)))(7)
    assert caught.value.meta == {"committed": True, "position": 7}
    replica.close()


def test_gates_hear_before_the_journal_is_written(tmp_path: Path) -> None:
    """Who waits for news is told when this host's gate has moved, and not after the disk."""
    told: list[str] = []

    class Journal(Revocations):
        def catch_up(self, source: Source, at_least: int | None = None) -> int:
            told.append(f"the journal to {at_least} of {type(source).__name__}")
            return 0

    class Books(_Broken):
        def read_after(self, *_: int) -> list[tuple[int, AnyEvent]]:
            return []

    replica, journal = Replica(tmp_path / "replica"), Journal(tmp_path / "revocations")
    follow_all(replica, journal, Books(OSError()), 0, partial(told.append, "moved"))
    assert told == ["moved", "the journal to 0 of Books"]
    replica.close()
