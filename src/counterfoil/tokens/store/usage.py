"""How often tokens were used: counts by the hour, and when each was last used.

    token_usage   by token, hour, surface, outcome, client and network: a bounded number of rows
    token_used    one row for each token: its last use (`store/last_used.py`)

Both are written in batches by what takes the counts out of the workers, never with a token's own
row (decision 11), and say nothing that the audit trail does not say exactly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    String,
    Table,
    delete,
    select,
)

from counterfoil.access.surface import Surface
from counterfoil.gate.record.usage import OTHER, Count, Counts, Outcome, Use, Where, added
from counterfoil.kernel.clock import instant
from counterfoil.kernel.ids import OrganizationId, TokenId
from counterfoil.runtime.database import Instant, insert_or, metadata
from counterfoil.tokens.store import last_used
from counterfoil.tokens.store.secrets import owners
from counterfoil.tokens.usage_model import GATE, Bucket, called, hour_of

PER_HOUR: Final = 32
"""So many pairs of a client and a network of one token are told apart in an hour."""
KEPT: Final = timedelta(days=90)
"""For how long the counts of an hour are kept."""

_BELOW: Final = 500
_MICRO: Final = 1_000_000

usage: Final = Table(
    "token_usage",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("token_id", BigInteger, primary_key=True, autoincrement=False),
    Column("hour", Instant, primary_key=True),
    Column("surface", String(16), primary_key=True),
    Column("outcome", String(16), primary_key=True),
    Column("client", String(64), primary_key=True),
    Column("network", String(64), primary_key=True),
    Column("count", BigInteger, nullable=False),
    Index(None, "hour"),
)


class _Row(NamedTuple):
    organization: OrganizationId
    token: TokenId
    hour: datetime
    surface: Where
    outcome: Outcome
    client: str
    network: str


def take_in(tx: Connection, counts: Counts) -> None:
    """Add what was counted to what is known."""
    known = _of_tokens(tx, counts)
    if not known:
        return
    _add(tx, known)
    last_used.note(tx, known)


def forget(tx: Connection, before: datetime) -> None:
    """Forget what was counted before then."""
    tx.execute(delete(usage).where(usage.c.hour < before))


def buckets(
    tx: Connection, organization: OrganizationId, token: TokenId, since: datetime
) -> list[Bucket]:
    """Return what was counted of a token in an organization from that hour on."""
    rows = tx.execute(
        select(*usage.c[:-1], usage.c["count"].label("times"))
        .where(
            usage.c.organization_id == organization,
            usage.c.token_id == token,
            usage.c.hour >= since,
        )
        .order_by(usage.c.hour)
    )
    return [
        Bucket(
            row.hour,
            None if row.surface == GATE else Surface(row.surface),
            Outcome(row.outcome),
            row.client,
            row.network,
            row.times,
        )
        for row in rows
    ]


def _of_tokens(tx: Connection, counts: Counts) -> Counts:
    """Return the counts of tokens, those of their secrets among them; what is nobody's is gone."""
    digests = {use.who for use in counts if isinstance(use.who, bytes)}
    owned = owners(tx, sorted(digests)) if digests else {}
    named: list[tuple[Use, Count]] = []
    for use, told in counts.items():
        if not isinstance(use.who, bytes):
            named.append((use, told))
        elif (owner := owned.get(use.who)) is not None:
            unknown = use.outcome is Outcome.REVOKED
            outcome = Outcome.RETIRED if unknown and owner.lives_on else use.outcome
            who = (owner.organization, owner.token)
            named.append((use._replace(who=who, outcome=outcome), told))
    return added(named)


def _add(tx: Connection, counts: Counts) -> None:
    """Add to the hours, in one order everywhere, so that two who add never wait for each other."""
    rows: dict[_Row, int] = {}
    for use, told in counts.items():
        assert not isinstance(use.who, bytes)  # noqa: S101 - they are of tokens by now
        _, surface, outcome, client, network = use
        hour = hour_of(instant(int(told.last) * _MICRO))
        row = _Row(*use.who, hour, surface, outcome, client, network)
        rows[row] = rows.get(row, 0) + told.times
    room = _Room(tx, rows)
    placed: dict[_Row, int] = {}
    for row, count in sorted(rows.items(), key=lambda one: -one[1]):
        place = room.place(row)
        placed[place] = placed.get(place, 0) + count
    new = insert_or(tx, usage)
    more = new.on_conflict_do_update(
        index_elements=list(usage.primary_key.columns),
        set_={"count": usage.c["count"] + new.excluded["count"]},
    )
    values = [_columns(row, count) for row, count in placed.items()]
    tx.execute(more, sorted(values, key=lambda one: [str(value) for value in one.values()]))


class _Room:
    """Which clients and networks of a token have rows of their own in an hour."""

    def __init__(self, tx: Connection, rows: Iterable[_Row]) -> None:
        self._known: defaultdict[tuple[int, int, datetime], set[tuple[str, str]]]
        self._known = defaultdict(set)
        hours = {row.hour for row in rows}
        ids = sorted({row.token for row in rows})
        for start in range(0, len(ids), _BELOW):
            there = tx.execute(
                select(
                    usage.c.organization_id,
                    usage.c.token_id,
                    usage.c.hour,
                    usage.c.client,
                    usage.c.network,
                )
                .distinct()
                .where(usage.c.token_id.in_(ids[start : start + _BELOW]), usage.c.hour.in_(hours))
            )
            for row in there:
                self._known[row[:3]].add((row.client, row.network))

    def place(self, row: _Row) -> _Row:
        known = self._known[row[:3]]
        source = (row.client, row.network)
        if source in known or len(known - {(OTHER, OTHER)}) < PER_HOUR:
            known.add(source)
            return row
        return row._replace(client=OTHER, network=OTHER)


def _columns(row: _Row, count: int) -> dict[str, Any]:
    return {
        "organization_id": row.organization,
        "token_id": row.token,
        "hour": row.hour,
        "surface": called(row.surface),
        "outcome": row.outcome.value,
        "client": row.client,
        "network": row.network,
        "count": count,
    }
