"""Counting: what the gate of this process counted goes into the books every few seconds.

No request waits for it. A process that is killed takes along what it has not yet written, that is
the last seconds (R16); one that ends writes the rest.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from counterfoil.gate.record.usage import Counts, Seens, Usage
from counterfoil.runtime.database import Database
from counterfoil.runtime.witness import NOBODY
from counterfoil.tokens.store import former
from counterfoil.tokens.store import usage as store

TALLY_S: Final = 2.0
"""How often to write what was counted."""


class Tally:
    """Carries counts from a process into the database."""

    def __init__(self, database: Database, usage: Usage) -> None:
        self._database = database
        self._usage = usage

    def flush(self) -> None:
        """Write what was counted, in one transaction; what cannot be written goes on waiting."""
        counts, seen = self._usage.take(), self._usage.take_seen()
        if not counts:
            return
        try:
            with self._database.transaction(NOBODY) as tx:
                take_counts(tx, counts, seen)
        except BaseException:
            self._usage.give_back(counts)
            self._usage.give_back_seen(seen)
            raise


def take_counts(tx: Connection, counts: Counts, seen: Seens) -> None:
    """Add what was counted to what is known, also by the gates in front of other APIs."""
    store.take_in(tx, counts)
    former.take_in(tx, seen)


def forget_usage(database: Database, now: datetime) -> None:
    """Forget the counts of hours that are long over."""
    with database.transaction(NOBODY) as tx:
        store.forget(tx, now - store.KEPT)
