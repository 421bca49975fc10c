"""An embedded database is copied a part at a time, and all parts are of one moment."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from counterfoil.kernel.headway import Stage
from counterfoil.recovery import engines


def test_what_is_written_meanwhile_is_in_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that writes after every part changes nothing of the copy, and does not undo it."""
    monkeypatch.setattr(engines, "_PAGES", 5)
    file, to = tmp_path / "office.sqlite", tmp_path / "copy.sqlite"
    parts: list[int] = []
    with closing(sqlite3.connect(file, isolation_level=None)) as server:
        server.execute("PRAGMA journal_mode=WAL")
        server.execute("CREATE TABLE things (number INTEGER, text TEXT)")
        server.execute("BEGIN")
        server.executemany("INSERT INTO things VALUES (?, 'before')", ((n,) for n in range(20_000)))
        server.execute("COMMIT")

        def tell(stage: Stage, done: int) -> None:
            parts.append(done)
            assert stage.total is not None
            assert done <= stage.total
            server.execute("INSERT INTO things VALUES (-1, 'meanwhile')")
            server.execute("UPDATE things SET text = 'meanwhile' WHERE number = 19999")

        engines.copy_embedded(file, to, tell)
        written = server.execute("SELECT count(*) FROM things WHERE number = -1").fetchone()
        assert written == (len(parts),)
    assert len(parts) > 1
    assert parts == sorted(set(parts))  # it never begins again
    with closing(sqlite3.connect(to)) as copy:
        found = copy.execute("SELECT count(*), min(number), max(text) FROM things").fetchone()
    assert found == (20_000, 0, "before")
