"""A gate, its office, and an office of a copied disk, which signs alike."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from counterfoil.feed import outbox
from counterfoil.feed.event import AnyEvent
from counterfoil.gates.model import Gate
from counterfoil.gates.store import rows
from counterfoil.gates.tell import Teller
from counterfoil.kernel.errors import Unserved
from counterfoil.runtime.database import Database
from support.far import Far, Line, far, teller_on
from support.office import START, empty_database


@dataclass
class Copy:
    """An office of a copied disk: with the same keys, under the same address."""

    database: Database
    teller: Teller

    def commit(self, *events: AnyEvent) -> int:
        """Commit these events there, and return the feed's position then."""
        with self.database.transaction() as tx:
            heads = outbox.advance(tx, events=len(events), entries=0)
            outbox.append(tx, heads, events, START)
        return heads.position


@dataclass
class Both:
    """A gate, its office, and the copy."""

    far: Far
    copy: Copy
    original: Teller = field(init=False)

    def __post_init__(self) -> None:
        self.original = self.far.wire.teller

    def ask_copy(self) -> None:
        """Let the copy answer from now on."""
        self.far.wire.teller = self.copy.teller

    def ask_original(self) -> None:
        """Let the office answer from now on."""
        self.far.wire.teller = self.original

    def gate(self) -> Gate:
        """Return the gate, as its office knows it."""
        with self.far.database.reading() as tx:
            return rows.gates_in(tx)[0]


@contextmanager
def copied(folder: Path, line: Line | None = None) -> Iterator[Both]:
    """Let a gate be level with its office, and copy the disk of that."""
    with (
        empty_database(f"sqlite:///{folder / 'office.sqlite'}") as database,
        far(database, folder, line) as it,
    ):
        it.level()
        with (
            sqlite3.connect(folder / "office.sqlite") as here,
            sqlite3.connect(folder / "copy.sqlite") as there,
        ):
            here.backup(there)
        other = Database(f"sqlite:///{folder / 'copy.sqlite'}")
        teller = teller_on(other, it.leases, it.bell, it.records)
        try:
            yield Both(it, Copy(other, teller))
        finally:
            other.close()


def closed(there: Far) -> bool:
    """Say whether a gate decides nothing."""
    try:
        there.lease.require()
    except Unserved:
        return True
    return False
