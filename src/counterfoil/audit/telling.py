"""The audit trail told elsewhere, entry by entry, as soon as it is written (R14).

What is told is the bytes of an entry as they were hashed, so whoever keeps them can compare. Each
entry comes at least once and in its order: what is not known to have come is told again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select

from counterfoil.audit.record import ALLOWED, UNREADABLE, VERSION, entries, read, since
from counterfoil.runtime.database import Database
from counterfoil.runtime.syslog import INFORMATIONAL, WARNING, framed

EVERY_S: Final = 1.0
_AT_ONCE: Final = 500
_ROUNDS: Final = 20


class Teller:
    """Tells the entries of a trail.

    Args:
        database: in which it is.
        send: takes messages, and returns once they have come.
        kept: the file that remembers how far it was told, by this host.
        host: who tells it; `-` for nobody.
    """

    def __init__(
        self, database: Database, send: Callable[[bytes], None], kept: Path, host: str
    ) -> None:
        self._database = database
        self._send = send
        self._kept = kept
        self._host = host or "-"

    def turn(self) -> int:
        """Tell what was not told yet, as far as one turn gets; return how much it was.

        Raises:
            OSError: if it did not come, or cannot be remembered; it is told again then.
        """
        told = 0
        for _ in range(_ROUNDS):
            with self._database.reading() as tx:
                found = self._next(tx)
            if not found:
                break
            self._send(b"".join(self._message(body) for _, body, _ in found))
            position, _, leaf = found[-1]
            self._keep(f"{position} {leaf.hex()}\n")
            told += len(found)
        return told

    def _next(self, tx: Connection) -> list[tuple[int, bytes, bytes]]:
        query = (
            select(entries.c.position, entries.c.body, entries.c.leaf)
            .where(entries.c.position > told_to(tx, self._kept))
            .order_by(entries.c.position)
            .limit(_AT_ONCE)
        )
        return [(row.position, bytes(row.body), bytes(row.leaf)) for row in tx.execute(query)]

    def _message(self, body: bytes) -> bytes:
        entry = read(body) or UNREADABLE
        severity = INFORMATIONAL if entry.outcome == ALLOWED else WARNING
        return framed(severity, entry.at, self._host, entry.operation, body.removeprefix(VERSION))

    def _keep(self, line: str) -> None:
        draft = self._kept.with_suffix(".new")
        with draft.open("w") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._kept)


def untold_since(tx: Connection, kept: Path) -> datetime | None:
    """Return since when an entry waits to be told; None if all were."""
    return since(tx, told_to(tx, kept))


def told_to(tx: Connection, kept: Path) -> int:
    """Return up to where the trail was told; of one that is another since, nothing was."""
    try:
        position, _, leaf = kept.read_text().strip().partition(" ")
    except FileNotFoundError:
        return 0
    present = tx.scalar(select(entries.c.leaf).where(entries.c.position == int(position)))
    return int(position) if present is not None and bytes(present).hex() == leaf else 0
