"""An older database was put in the place by hand, and went on past where it had been."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from falcon.testing import TestClient

from counterfoil.app import build
from counterfoil.feed import outbox
from counterfoil.runtime.database import Database
from support.gate import mint, record
from support.installation import install
from support.office import START


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
