"""A host that cannot follow the feed says so, and never takes a commit back by its answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import lmdb
import pytest
from falcon.testing import Result, TestClient
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from counterfoil.app import App, build
from counterfoil.app.effective import effective
from counterfoil.feed.codec import UnknownEventError
from counterfoil.feed.event import AnyEvent
from counterfoil.feed.source import Inventory
from counterfoil.gate.replica import GapError, Replica
from counterfoil.kernel.errors import Unserved
from support.installation import Installed, install

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


def _create(client: TestClient, made: Installed, slug: str) -> Result:
    body = {
        "data": {
            "type": "node",
            "attributes": {"kind": "folder", "slug": slug},
            "relationships": {"parent": {"data": {"type": "node", "id": str(made.root)}}},
        }
    }
    return client.simulate_post("/cma/nodes", json=body)


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


class _Broken:
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
    replica = Replica(tmp_path / "replica")
    with pytest.raises(Unserved) as caught:
        effective(replica, _Broken(error))(7)
    assert caught.value.meta == {"committed": True, "position": 7}
    replica.close()
