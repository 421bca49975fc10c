"""The history of the tables, and how a database is brought to the present one.

Revisions stand in `versions/`, in order; `tools/revision.py` drafts the next one from the tables.
"""

from __future__ import annotations

from functools import cache
from itertools import count
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from counterfoil import __version__
from counterfoil.feed.outbox import open_books
from counterfoil.kernel.headway import Stage, Tell, nobody
from counterfoil.runtime.database import Database


class NewerError(Exception):
    """A newer program has brought the database further; the message says what to do."""


def migrate(url: str, tell: Tell = nobody) -> str:
    """Bring a database to the present revision, in one transaction; return that revision.

    It is told after each revision on the way.

    Raises:
        NewerError: if it is at one that this program does not know; nothing is changed then.
    """
    database = Database(url, pool_size=1)
    try:
        with database.transaction() as tx:
            require_known(tx)
            config = configuration()
            config.attributes["connection"] = tx
            stage, done = Stage("Migrating", _between(revision_of(tx))), count(1)
            config.attributes["applied"] = lambda **_: tell(stage, next(done))
            command.upgrade(config, "head")
            open_books(tx)
        return newest()
    finally:
        database.close()


def _between(here: str) -> int:
    """Return how many revisions there are after this one."""
    return sum(1 for _ in _history().iterate_revisions("head", here or "base"))


def is_present(tx: Connection) -> bool:
    """Say whether a database is at the revision that this program was written for (R17)."""
    return MigrationContext.configure(tx).get_current_revision() == newest()


def require_known(tx: Connection) -> None:
    """Return if a database is at a revision that this program knows, or at none (R17).

    Raises:
        NewerError: if it is at another one.
    """
    found = revision_of(tx)
    if found and not is_known(found):
        raise NewerError(
            f"the database is at revision {found}, and Counterfoil {__version__} knows none after "
            f"{newest()}: use the version that brought it there, or restore a backup of before"
        )


def revision_of(tx: Connection) -> str:
    """Return the revision that a database is at; empty for one that was never brought to any."""
    return MigrationContext.configure(tx).get_current_revision() or ""


def is_known(revision: str) -> bool:
    """Say whether this program knows a revision: one of a newer program it does not."""
    return revision in {one.revision for one in _history().walk_revisions()}


def newest() -> str:
    """Return the last revision that this program knows."""
    head = _history().get_current_head()
    if head is None:
        message = "the package holds no revision"
        raise RuntimeError(message)
    return head


@cache
def _history() -> ScriptDirectory:
    """Return the revisions of this program: to read them takes a while, and they stay the same."""
    return ScriptDirectory.from_config(configuration())


def configuration() -> Config:
    """Return Alembic's configuration, which needs no file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config
