"""Who asks, and how things stand then: all that an answer to a gate begins with."""

from __future__ import annotations

from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, select

from counterfoil.directory import LONGEST_GRACE
from counterfoil.feed import asked
from counterfoil.feed.outbox import Heads
from counterfoil.gates.model import Gate
from counterfoil.gates.store.rows import gate_in
from counterfoil.gates.store.tables import gates as table
from counterfoil.runtime.prepared import Prepared

_ASKING: Final = Prepared(
    asked.beside(
        select(table, LONGEST_GRACE.scalar_subquery().label("longest_s")).where(
            table.c.digest == bindparam("digest")
        ),
        "stands",
    )
)


class Asking(NamedTuple):
    """Who asks, by the digest of a credential, and how things stand in that very state.

    Attributes:
        gate: that asks.
        heads: where the feed ends.
        chain: of the feed where they say that they stand; None if that is not told there.
        longest_s: the longest grace of an API.
    """

    gate: Gate
    heads: Heads
    chain: bytes | None
    longest_s: int


def asking(tx: Connection, digest: bytes, stands: int) -> Asking | None:
    """Return who asks; None if nobody is known by that."""
    row = _ASKING.first(tx, {"digest": digest, "stands": stands})
    if row is None:
        return None
    return Asking(gate_in(row), *asked.heads_in(row), row.longest_s or 0)
