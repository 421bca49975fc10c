"""The history of the tables, and how a database is brought to the present one.

Revisions stand in `versions/`, in order; `tools/revision.py` drafts the next one from the tables.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from counterfoil.feed.outbox import open_books
from counterfoil.runtime.database import Database


def migrate(url: str) -> str:
    """Bring a database to the present revision, in one transaction; return that revision."""
    database = Database(url, pool_size=1)
    try:
        with database.transaction() as tx:
            config = configuration()
            config.attributes["connection"] = tx
            command.upgrade(config, "head")
            open_books(tx)
        return newest()
    finally:
        database.close()


def is_present(tx: Connection) -> bool:
    """Say whether a database is at the revision that this program was written for (R17)."""
    return MigrationContext.configure(tx).get_current_revision() == newest()


def revision_of(tx: Connection) -> str:
    """Return the revision that a database is at; empty for one that was never brought to any."""
    return MigrationContext.configure(tx).get_current_revision() or ""


def is_known(revision: str) -> bool:
    """Say whether this program knows a revision: one of a newer program it does not."""
    script = ScriptDirectory.from_config(configuration())
    return revision in {one.revision for one in script.walk_revisions()}


def newest() -> str:
    """Return the last revision that this program knows."""
    head = ScriptDirectory.from_config(configuration()).get_current_head()
    if head is None:
        message = "the package holds no revision"
        raise RuntimeError(message)
    return head


def configuration() -> Config:
    """Return Alembic's configuration, which needs no file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
