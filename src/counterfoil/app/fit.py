"""Whether a database may be used by this program."""

from __future__ import annotations

from counterfoil.migrations import is_present
from counterfoil.runtime.database import Database


class UnreadyError(Exception):
    """The installation cannot be used as it is; the message says what to do."""


def fit(database: Database) -> Database:
    """Return a database that is at the revision which this program was written for.

    Raises:
        UnreadyError: if it is not; the database is closed then.
    """
    with database.reading() as tx:
        present = is_present(tx)
    if not present:
        database.close()
        message = "the database is not at the revision of this program: run `counterfoil migrate`"
        raise UnreadyError(message)
    return database
