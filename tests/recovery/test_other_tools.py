"""Restored by other tools than ours, as the how-to says it: nothing that was revoked comes back."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from counterfoil.app import recover
from counterfoil.app.build import App, build
from counterfoil.app.recover import Choice
from counterfoil.runtime.settings import Settings
from infra.postgres import own_postgres
from infra.wait import wait_until
from support.installation import Installed, install
from support.restored import asked, shown

LITESTREAM = str(Path(sys.executable).with_name("litestream"))


def open_again(made: Installed, restored: Settings) -> None:
    """Do what the how-to says, on a new machine that has the keys and the journal."""
    shutil.copy2(made.settings.seal_key_file, restored.seal_key_file)
    recover.begin_quarantine(restored, "Ann")
    assert shown(restored, made.tokens) == [503] * 3
    recover.replay(restored, [made.settings.revocations_dir])
    planned = recover.plan_end(restored, Choice())
    recover.end_quarantine(restored, Choice(), "Ann", planned.opening)
    assert shown(restored, made.tokens) == [401, 401, 200]


def revoke_before_and_after(made: Installed, copy: Callable[[App], None]) -> None:
    """Revoke a token that the copy knows of, and one that it does not, in a running server."""
    app = build(made.settings)
    try:
        assert asked(app, "DELETE", made.tokens[0]) == 200
        copy(app)
        assert asked(app, "DELETE", made.tokens[1]) == 200
    finally:
        app.close()


def position_in(file: Path) -> int:
    with closing(sqlite3.connect(file)) as database:
        (position,) = database.execute("SELECT position FROM feed_head").fetchone()
    return int(position)


def test_litestream(tmp_path: Path) -> None:
    """The real Litestream copies beside a server; what it lacks the journal tells (R12).

    It ends by SIGKILL, and the machine is lost with the second revocation.
    """
    made, stored = install(tmp_path / "data", tokens=3), f"file://{tmp_path / 'stored'}"
    restored = Settings(data_dir=tmp_path / "restored")
    restored.prepare()

    def fetch(file: Path) -> bool:
        file.unlink(missing_ok=True)
        command = [LITESTREAM, "restore", "-o", str(file), stored]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def copy(app: App) -> None:
        def is_there() -> bool:
            probe = tmp_path / "probe"
            return fetch(probe) and position_in(probe) == app.replica.position()

        with subprocess.Popen(
            [LITESTREAM, "replicate", str(made.settings.office_file), stored]
        ) as process:
            try:
                wait_until(is_there, "the revocation to be copied", pause=0.2)
            finally:
                process.kill()

    revoke_before_and_after(made, copy)
    made.settings.office_file.unlink()
    assert fetch(restored.office_file)
    open_again(made, restored)


def test_pg_basebackup(tmp_path: Path) -> None:
    """A copy of a real Postgres by its own tool, taken while a server writes to it (R12)."""
    with own_postgres() as cluster:
        made = install(tmp_path / "data", tokens=3, database_url=cluster.url())
        copies: list[Path] = []

        def copy(_app: App) -> None:
            copies.append(cluster.copy())

        revoke_before_and_after(made, copy)
        cluster.stop()
        with cluster.again(copies[0]) as other:
            restored = Settings(data_dir=tmp_path / "restored", database_url=other.url())
            restored.prepare()
            open_again(made, restored)
