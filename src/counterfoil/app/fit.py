"""Whether a database may be used by this program, as it is set."""

from __future__ import annotations

from pathlib import Path

from counterfoil import directory
from counterfoil.feed import outbox
from counterfoil.kernel.headway import Tell, nobody
from counterfoil.migrations import (
    NewerError,
    is_present,
    migrate,
    newest,
    require_known,
    revision_of,
)
from counterfoil.runtime.database import Database
from counterfoil.runtime.durable import unsafe
from counterfoil.runtime.places import typed
from counterfoil.runtime.settings import PREFIX, Settings
from counterfoil.secret import DEFAULT_PREFIX


class UnreadyError(Exception):
    """The installation cannot be used as it is; the message says what to do."""


def durable(database: Database) -> Database:
    """Return a database that keeps what it has committed, whatever happens to its machine (R5).

    Raises:
        UnreadyError: saying what it is told not to keep; the database is closed then.
    """
    with database.reading() as tx:
        reasons = unsafe(tx)
    if reasons:
        database.close()
        message = f"the database may lose what it has committed. {' '.join(reasons)}"
        raise UnreadyError(message)
    return database


def nothing_in(data_dir: Path) -> str:
    """Say that a data directory holds no installation, and by what it will."""
    return f"{data_dir} holds no installation: run `{typed('init', data_dir)}`"


def fit(database: Database) -> Database:
    """Return a database that is durable, and at the revision which this program was written for.

    Raises:
        UnreadyError: if it is not; the database is closed then.
    """
    durable(database)
    try:
        with database.reading() as tx:
            require_known(tx)
            present = is_present(tx)
            has_head = present and outbox.has_head(tx)
    except NewerError as error:
        database.close()
        raise UnreadyError(str(error)) from None
    if not present:
        database.close()
        message = (
            "the database is not at the revision of this program: "
            "run `counterfoil migrate --data-dir …`"
        )
        raise UnreadyError(message)
    if not has_head:
        database.close()
        message = (
            "the database was put back by half: empty it, "
            "and run `counterfoil restore --data-dir …` again"
        )
        raise UnreadyError(message)
    return database


def bring_up(url: str, tell: Tell = nobody) -> str:
    """Bring a database to the revision of this program, and return that.

    Raises:
        UnreadyError: if a newer program has brought it further.
    """
    try:
        return migrate(url, tell)
    except NewerError as error:
        raise UnreadyError(str(error)) from None


def foreseen(settings: Settings) -> tuple[str, str]:
    """Return the revision at which a database is, empty for none, and that of this program.

    Raises:
        UnreadyError: if a newer program has brought it further.
    """
    if not settings.database_url and not settings.office_file.exists():
        return "", newest()
    database = Database(settings.url, pool_size=1)
    try:
        with database.reading() as tx:
            require_known(tx)
            return revision_of(tx), newest()
    except NewerError as error:
        raise UnreadyError(str(error)) from None
    finally:
        database.close()


def prefix(database: Database, asked: str) -> str:
    """Return how the tokens of an installation begin: whoever uses it first says so, for good.

    Args:
        database: one that is fit.
        asked: what its settings say; nothing asks for what there is.

    Raises:
        UnreadyError: if another one is asked for: no token that there is would be known. The
            database is closed then.
    """
    with database.reading() as tx:
        kept = directory.prefix(tx)
    if kept is None:
        with database.transaction() as tx:
            kept = directory.settle_prefix(tx, asked or DEFAULT_PREFIX)
    if asked not in {"", kept}:
        database.close()
        message = (
            f"the tokens of this installation begin with {kept}, "
            f"and {PREFIX}PREFIX says {asked}: leave it unset"
        )
        raise UnreadyError(message)
    return kept
