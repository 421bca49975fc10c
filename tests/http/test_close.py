"""How an installation is given back in a process, and what a host gets back of dead ones."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from falcon.testing import TestClient
from sqlalchemy.exc import DBAPIError

from counterfoil.app.build import build
from infra.wait import wait_until
from support.installation import install

DYING = """
import os, signal, sys
from pathlib import Path
from counterfoil.gate.replica import Replica
held = Replica(Path(sys.argv[1])).begin()
os.kill(os.getpid(), signal.SIGKILL)
"""
READERS = """
import sys, lmdb
print(lmdb.Environment(sys.argv[1], max_dbs=16, max_readers=512, create=False).readers())
"""


def _readers(replica: Path) -> set[str]:
    command = [sys.executable, "-c", READERS, str(replica)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return set(told.split())


def test_each_part_is_given_back(tmp_path: Path) -> None:
    """A journal that cannot be written keeps nothing else from being closed (R11)."""
    made = install(tmp_path / "data")
    app = build(made.settings)
    app.start()
    client = TestClient(app.wsgi, headers={"Authorization": f"Bearer {made.tokens[0]}"})
    assert client.simulate_get("/cda/nodes").status_code == 200
    with app.database.transaction() as tx:
        tx.exec_driver_sql("ALTER TABLE audit_entry RENAME TO gone")
    with pytest.raises(DBAPIError):
        app.close()
    with pytest.raises(RuntimeError, match="closed"):
        app.replica.position()


def test_the_places_of_the_dead(tmp_path: Path) -> None:
    """What a killed process held of the replica is free again, without anybody doing so (R4)."""
    made = install(tmp_path / "data")
    app = build(made.settings)
    replica = made.settings.replica_dir
    try:
        with subprocess.Popen([sys.executable, "-c", DYING, str(replica)]) as dying:
            assert dying.wait() == -signal.SIGKILL
        assert str(dying.pid) in _readers(replica)
        app.start()
        wait_until(lambda: str(dying.pid) not in _readers(replica), "the dead to be gone")
    finally:
        app.close()
