"""The history of the tables, and how a database is brought to the present one.

Revisions stand in `versions/`, each naming the one before it; `tools/revision.py` drafts the next
one from the tables. Alembic is loaded only where something has to be brought along: most starts
find all as it should be.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect, text

from counterfoil import __version__
from counterfoil.feed.outbox import open_books
from counterfoil.kernel.headway import Tell, nobody
from counterfoil.runtime.database import Database

_HERE: Final = text("SELECT version_num FROM alembic_version")
_NAMES: Final = re.compile(r'^(?:down_)?revision = "?(\w+)"?$', re.MULTILINE)


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
            if after := revisions_after(revision_of(tx)):
                from counterfoil.migrations.running import run  # noqa: PLC0415 - loads Alembic, for which no start should wait

                run(tx, len(after), tell)
            open_books(tx)
        return newest()
    finally:
        database.close()


def is_present(tx: Connection) -> bool:
    """Say whether a database is at the revision that this program was written for (R17)."""
    return revision_of(tx) == newest()


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
    if not inspect(tx).has_table("alembic_version"):
        return ""
    return tx.execute(_HERE).scalar_one_or_none() or ""


def is_known(revision: str) -> bool:
    """Say whether this program knows a revision: one of a newer program it does not."""
    return revision in revisions()


def revisions_after(here: str) -> tuple[str, ...]:
    """Return the revisions that come after a known one; after none, all."""
    line = revisions()
    return line[line.index(here) + 1 :] if here else line


def newest() -> str:
    """Return the last revision that this program knows."""
    return revisions()[-1]


@cache
def revisions() -> tuple[str, ...]:
    """Return the revisions that this program knows, oldest first."""
    following: dict[str, str] = {}
    for file in (Path(__file__).parent / "versions").glob("*.py"):
        own, before = _NAMES.findall(file.read_text(encoding="utf-8"))
        following[before] = own
    line = [following["None"]]
    while line[-1] in following:
        line.append(following[line[-1]])
    return tuple(line)
