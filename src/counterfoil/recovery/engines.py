"""The database into a file and out of it, in one state, while others write to it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import URL, Connection, inspect, text

from counterfoil import directory
from counterfoil.feed import outbox
from counterfoil.kernel.clock import micros
from counterfoil.kernel.headway import Stage, Tell, nobody
from counterfoil.migrations import revision_of
from counterfoil.recovery.archive import Checkpoint, UnfitError
from counterfoil.runtime.database import Database
from counterfoil.runtime.lasting import flush

_WORDS: Final = 4_000
"""So many characters of what a tool says are passed on."""
_OURS: Final = "feed_head"
_PAGES: Final = 1_000
"""So many are copied between two words of how far it is: some megabytes."""


class ToolError(Exception):
    """A tool that we need is not there, or failed; the message says which, and what it said."""


def copy_embedded(file: Path, to: Path, tell: Tell = nobody) -> None:
    """Copy an embedded database as it is at this moment; a server may go on writing.

    It is copied a part at a time, in one transaction: what is written meanwhile is in no part.

    Raises:
        UnfitError: if it is damaged; a copy would be of no use.
        sqlite3.Error, OSError: if it cannot be read, or there is no room.
    """
    _make(to)
    with (
        closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True)) as source,
        closing(sqlite3.connect(to)) as target,
    ):
        source.execute("PRAGMA query_only=ON")
        source.execute("BEGIN")
        (size,) = source.execute("PRAGMA page_size").fetchone()
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # it begins by reading

        def step(_status: int, left: int, pages: int) -> None:
            tell(Stage("Copying", pages * size, in_bytes=True), (pages - left) * size)

        source.backup(target, pages=_PAGES, progress=step)
        target.execute("PRAGMA journal_mode=DELETE")  # so that it is one file, and no log beside it
    require_sound(to)
    flush(to)


def require_sound(file: Path) -> None:
    """Return if an embedded database can be read from one end to the other.

    Raises:
        UnfitError: if it is damaged.
    """
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as database:
            (said,) = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        message = f"the database is damaged: {said}"
        raise UnfitError(message)


def dump(database: Database, to: Path) -> Checkpoint:
    """Have pg_dump write a database into a file; return where the books end in it.

    Both see one state of it. What says where the feed stands is left out: without it no server
    begins on what was restored by hand, or by half.

    Raises:
        ToolError: if there is no pg_dump, or it fails.
    """
    _make(to)
    with database.reading() as tx:
        snapshot = tx.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        _run(
            database.url,
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--exclude-table-data={_OURS}",
            f"--snapshot={snapshot}",
            f"--file={to}",
        )
        found = checkpoint(tx)
    flush(to)
    return found


def load(database: Database, file: Path) -> None:
    """Have pg_restore fill an empty database, in one transaction.

    Raises:
        UnfitError: if the database is not empty.
        ToolError: if there is no pg_restore, or it fails.
    """
    require_empty(database)
    _run(
        database.url,
        "pg_restore",
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
        f"--dbname={database.url.database}",
        str(file),
    )


def require_empty(database: Database) -> None:
    """Raise UnfitError if there is any table in a database."""
    with database.reading() as tx:
        tables = inspect(tx).get_table_names()
    if tables:
        message = f"the database is not empty: it holds the table {tables[0]}"
        raise UnfitError(message)


def checkpoint(tx: Connection) -> Checkpoint:
    """Return where the books end."""
    heads = outbox.read_head(tx)
    last_at = outbox.last_at(tx)
    return Checkpoint(
        revision_of(tx),
        directory.prefix(tx) or "",
        heads.epoch,
        heads.position,
        heads.audit_position,
        None if last_at is None else micros(last_at),
    )


def _make(path: Path) -> None:
    """Make an empty file for its owner alone."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _run(url: URL, tool: str, *arguments: str) -> None:
    """Run a tool of Postgres. It is told who we are by its environment, which nobody else reads."""
    found = shutil.which(tool)
    if found is None:
        message = f"{tool} is not on the PATH: it comes with Postgres"
        raise ToolError(message)
    done = subprocess.run(  # noqa: S603 - a tool that we name, with arguments that we made
        [found, "--no-password", *arguments],
        env={**os.environ, **_variables(url)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()[-_WORDS:]
        message = f"{tool} failed: {said}"
        raise ToolError(message)


def _variables(url: URL) -> dict[str, str]:
    given = {
        "HOST": url.host,
        "PORT": url.port,
        "USER": url.username,
        "PASSWORD": url.password,
        "DATABASE": url.database,
        **{name.upper(): value for name, value in url.query.items() if isinstance(value, str)},
    }
    return {f"PG{name}": str(value) for name, value in given.items() if value is not None}
