"""Whether what was committed is still there after the power fails (R5).

Both engines can be told to answer before a commit is on the disk. Then a revocation that somebody
was told of may come undone, and what they revoked opens again. So such a database is not used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, text

_SWITCHES: Final = {
    "fsync": "it never sees to it that a commit reaches the disk",
    "full_page_writes": "a page that was half written when the power failed stays so",
    "synchronous_commit": "it answers before a commit is on the disk",
}
"""Those of Postgres that must not be off, and what it means if they are. An engine that speaks
Postgres and has no such switch cannot have it off."""

_HOW: Final = {
    "synchronous_commit": ", as the role itself: ALTER ROLE CURRENT_USER SET synchronous_commit=on"
}
"""Who runs no server of their own need not ask anybody."""

_SHOW: Final = text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)")
_FULL: Final = 2


def unsafe(tx: Connection) -> list[str]:
    """Return why what is committed may be lost, a sentence for each reason; none if it is safe.

    It is asked as this connection is set: a role or a database may have settings of its own.
    """
    return list(_of_postgres(tx) if tx.dialect.name == "postgresql" else _of_sqlite(tx))


def _of_postgres(tx: Connection) -> Iterator[str]:
    shown = tx.execute(_SHOW, {"names": list(_SWITCHES)})
    off = {row.name for row in shown if row.setting == "off"}
    for name, meaning in _SWITCHES.items():
        if name in off:
            yield f"Postgres has {name} off: {meaning}. Set {name} = on{_HOW.get(name, '')}."


def _of_sqlite(tx: Connection) -> Iterator[str]:
    mode = tx.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    if mode != "wal":
        yield (
            f"SQLite keeps a journal of mode {mode} and not a WAL: its file must lie on a local "
            "disk, where all processes of this host share memory."
        )
    if tx.exec_driver_sql("PRAGMA synchronous").scalar_one() < _FULL:
        yield "SQLite has synchronous below FULL: it answers before a commit is on the disk."
