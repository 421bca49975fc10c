"""What gates decided comes into the trail: in its order, and each of it once (X2).

Here their journal is read on the office's own host; from other hosts `gates/receive.py` is told.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import Final, Protocol, TypeAlias

from sqlalchemy import Connection

from counterfoil.access.caller import Caller, Method, Origin
from counterfoil.access.grant import Grant
from counterfoil.audit.journals import marked, move
from counterfoil.audit.record import ACTS, LOOKS, Act, Entry, write
from counterfoil.feed.outbox import advance
from counterfoil.gate.record.decided import Decided, Exposed, counts_in, seen_in
from counterfoil.gate.record.journal import Mark
from counterfoil.gate.record.shipping import Shipped
from counterfoil.gate.record.usage import Counts, Seens
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.ids import ApiId, OrganizationId, Prefix, TokenId, UserId, spell
from counterfoil.runtime.database import Database
from counterfoil.runtime.witness import NOBODY

EVERY_S: Final = 0.5
"""How often to look for what gates have decided."""
ROWS: Final = 1_000
"""So many are taken in at a time, so that no other commit waits for long."""

TakeNote: TypeAlias = Callable[[Exposed], None]
"""Has somebody told that their token stood in an address; doing it twice adds nothing."""
TakeIn: TypeAlias = Callable[[Connection, Counts, Seens], None]
"""Takes counts of uses into the books, in the transaction that it is given."""

_NOTHING: Final = Grant(())
_LATE: Final = "in the grace of the API: the gate had held no lease for {} s"


class Source(Protocol):
    """A journal of decisions: on this host, or told by another."""

    def journal(self) -> str | None:
        """Return which it is; None where there is none yet."""

    def after(self, known: Mark, limit: int) -> Shipped:
        """Return what comes after a place, in order, some `limit` rows of it."""

    def forget(self, known: Mark) -> None:
        """Take in that the office has all up to a place."""


class Fetching:
    """Takes what a journal tells into the trail.

    Args:
        database: of the office.
        source: the journal.
        clock: what time it is.
        count: takes the counts in.
        expose: takes note of tokens that stood in addresses.
    """

    def __init__(
        self,
        database: Database,
        source: Source,
        clock: Clock,
        *,
        count: TakeIn,
        expose: TakeNote,
    ) -> None:
        self._database = database
        self._source = source
        self._clock = clock
        self._count = count
        self._expose = expose

    def turn(self) -> None:
        """Take in all that there is.

        Raises:
            OSError, JournalError, SQLAlchemyError, MovedError: if it cannot be done now.
        """
        journal = self._source.journal()
        if journal is None:
            return
        with self._database.reading() as tx:
            known = marked(tx, journal)
        while shipped := self._source.after(known, ROWS):
            known = self._take_in(known, shipped)
            self._source.forget(known)

    def _take_in(self, known: Mark, shipped: Shipped) -> Mark:
        batches, reached = [one.batch for one in shipped], shipped[-1].after
        rows = list(chain.from_iterable(batch.rows for batch in batches))
        counts = [counts_in(batch.counts) for batch in batches]
        seen = [seen_in(batch.seen) for batch in batches]
        for one in chain.from_iterable(batch.exposed for batch in batches):
            self._expose(one)
        with self._database.transaction(NOBODY) as tx:
            heads = advance(tx, events=0, entries=len(rows))  # lets one process in at a time
            move(tx, known, reached, self._clock())
            write(tx, heads.audit_position, [entry(row) for row in rows])
            for some, met in zip(counts, seen, strict=True):
                if some or met:
                    self._count(tx, some, met)
        return reached


def entry(row: Decided, note: str | None = None) -> Entry:
    """Return the entry of a decision: on the node if it was found, else on the API."""
    caller = Caller(
        OrganizationId(row.organization),
        None if row.user is None else UserId(row.user),
        Method(row.method),
        _NOTHING,
        None if row.token is None else TokenId(row.token),
        row.token_name,
        None if row.issuer is None else UserId(row.issuer),
    )
    target = spell(Prefix.API, row.api) if row.node is None else spell(Prefix.NODE, row.node)
    late = _LATE.format(row.late_s) if row.late_s else None
    act = Act(
        ACTS if row.changes else LOOKS,
        target,
        row.outcome,
        note="; ".join(filter(None, (late, note))) or None,
        api=ApiId(row.api),
        route=row.route,
    )
    return Entry(caller, Origin(row.request_id, row.address, row.agent), act, row.at)
