"""The feed's tail end: written in the transaction that makes the change true.

Positions are allocated by updating the one row of `feed_head`, as late as possible; its row lock is
held to the commit. So positions become visible in their own order, on SQLite and on every engine
that speaks Postgres (R8): a reader that has seen position n will never see a smaller one appear.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    String,
    Table,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.exc import NoResultFound

from counterfoil.feed.chain import UNKNOWN, Written, links
from counterfoil.feed.codec import decode, encode, version_of
from counterfoil.feed.event import AnyEvent
from counterfoil.kernel.clock import micros
from counterfoil.runtime.database import Instant, metadata
from counterfoil.runtime.loading import Loading
from counterfoil.runtime.postgres import HOLDING
from counterfoil.runtime.prepared import Prepared

feed: Final = Table(
    "feed",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", Integer, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("organization_id", BigInteger),
    Column("at", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", LargeBinary),
    Column("chain", LargeBinary),
)

head: Final = Table(
    "feed_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("epoch", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("audit_position", BigInteger, nullable=False),
    Column("quarantined_at", Instant),
    Column("restored_position", BigInteger),
    Column("restored_at", Instant),
    Column("tail_position", BigInteger),
    Column("tail_at", Instant),
)

UNTIED: Final = 1_000
"""Behind so many events that tell no chain nobody looks for one, but who has to write the next."""

LATEST: Final = feed.c.position.desc()
_WRITTEN: Final = select(feed.c.position, feed.c.version, feed.c.body)
_CHAIN: Final = Prepared(
    select(feed.c.chain)
    .where(feed.c.position <= bindparam("at"))
    .order_by(feed.c.position.desc())
    .limit(bindparam("most"))
)
_TIED: Final = Prepared(
    select(feed.c.position, feed.c.version, feed.c.body, feed.c.chain)
    .where(feed.c.position >= bindparam("at"))
    .order_by(feed.c.position)
    .limit(bindparam("most"))
)
_HEADS: Final = (head.c.epoch, head.c.position, head.c.audit_position)
_HEAD: Final = select(*_HEADS)
_SEEN: Final = Prepared(_HEAD)
_HELD: Final = Prepared(_HEAD.add_columns(HOLDING).with_for_update())
_AFTER: Final = Prepared(
    select(feed.c.position, feed.c.version, feed.c.body)
    .where(feed.c.position > bindparam("after"))
    .order_by(feed.c.position)
    .limit(bindparam("most"))
)
_ADVANCE: Final = update(head).values(
    position=head.c.position + bindparam("events"),
    audit_position=head.c.audit_position + bindparam("entries"),
)
_ADVANCED: Final = Prepared(_ADVANCE.returning(*_HEADS))
_ADVANCED_ON_POSTGRES: Final = Prepared(_ADVANCE.returning(*_HEADS, HOLDING))
_loading: Final = Loading(feed)


class LostHeadError(Exception):
    """A feed that does not say where it stands: nobody can tell what it lacks."""


class Heads(NamedTuple):
    """Where the feed and the audit trail end."""

    epoch: int
    position: int
    audit_position: int


def open_books(tx: Connection) -> None:
    """Make the one row of `feed_head`, once in the life of a database.

    Raises:
        LostHeadError: where there is a feed without one: a database that was put back by half.
    """
    if tx.execute(select(head.c.id)).first() is None:
        if tx.execute(select(feed.c.position).limit(1)).first() is not None:
            raise LostHeadError
        tx.execute(insert(head).values(id=1, epoch=1, position=0, audit_position=0))


def has_head(tx: Connection) -> bool:
    """Say whether the database says where its feed stands."""
    return tx.execute(select(head.c.id)).first() is not None


def read_head(tx: Connection, *, hold: bool = False) -> Heads:
    """Return where the books end. With `hold`, nobody moves them before this work commits."""
    held = hold and tx.dialect.name != "sqlite"  # which has one writer anyway
    row = (_HELD if held else _SEEN).first(tx, {})
    return Heads(*(tx.execute(_HEAD).one() if row is None else row[:3]))


def advance(tx: Connection, *, events: int, entries: int) -> Heads:
    """Allocate positions for so many events and audit entries; return the new heads."""
    ask = _ADVANCED if tx.dialect.name == "sqlite" else _ADVANCED_ON_POSTGRES
    found = ask.all(tx, {"events": events, "entries": entries})
    if not found:
        raise NoResultFound
    return Heads(*found[0][:3])


def append(tx: Connection, heads: Heads, events: Sequence[AnyEvent], at: datetime) -> None:
    """Write events that end at the position which `heads` says."""
    if not events:
        return
    first = heads.position - len(events) + 1
    written = [
        (position, version_of(event), encode(event)) for position, event in enumerate(events, first)
    ]
    told = links(chain_at(tx, first - 1, most=None), written)
    rows = [
        (
            position,
            heads.epoch,
            str(event.__struct_config__.tag),
            version,
            event.organization,
            micros(at),
            body,
            None,
            chain,
        )
        for event, (position, version, body), (_, chain) in zip(events, written, told, strict=True)
    ]
    _loading.add(tx, rows)


def chain_at(tx: Connection, position: int, most: int | None = UNTIED) -> bytes:
    """Return the chain at a position; UNKNOWN where it has not begun.

    An office of an older release writes none: behind at most so many of its events one is found,
    and goes on from there.
    """
    last = _CHAIN.first(tx, {"at": position, "most": 1})
    if last is not None and last.chain is not None:
        return bytes(last.chain)
    before = feed.c.position <= position
    if most is not None:
        window = select(feed.c.position).where(before).order_by(LATEST).limit(most).subquery()
        before = feed.c.position.in_(select(window.c.position))
    tied = tx.execute(
        select(feed.c.position, feed.c.chain)
        .where(before, feed.c.chain.is_not(None))
        .order_by(LATEST)
        .limit(1)
    ).one_or_none()
    if tied is None:
        return UNKNOWN
    *_, (_, chain) = links(bytes(tied.chain), _between(tx, tied.position, position))
    return chain


def chain_of(
    tx: Connection, heads: Heads, epoch: int, position: int, told: bytes | None = None
) -> bytes:
    """Return the chain where somebody says that they stand; UNKNOWN if that is nowhere here.

    What was told with their position is not asked for again.
    """
    if heads.epoch != epoch or position > heads.position:
        return UNKNOWN
    return told or chain_at(tx, position)


def _between(tx: Connection, after: int, to: int) -> list[Written]:
    rows = tx.execute(
        _WRITTEN.where(feed.c.position > after, feed.c.position <= to).order_by(feed.c.position)
    )
    return [(row.position, row.version, row.body) for row in rows]


def read_after(tx: Connection, position: int, limit: int) -> list[tuple[int, AnyEvent]]:
    """Return up to `limit` events after a position, in order."""
    return [(at, decode(version, body)) for at, version, body in written_after(tx, position, limit)]


def read_tied(
    tx: Connection, position: int, limit: int
) -> tuple[list[tuple[int, AnyEvent]], dict[int, bytes]]:
    """Return the same, and the chain at the position and at the last of them, where it is known."""
    rows = _TIED.all(tx, {"at": position, "most": limit + 1})
    told = [row for row in rows if row.position > position][:limit]
    chains = {row.position: row.chain for row in rows}
    ends = (position, told[-1].position) if told else (position,)
    return (
        [(row.position, decode(row.version, row.body)) for row in told],
        {end: bytes(chains.get(end) or chain_at(tx, end)) for end in ends},
    )


def written_after(tx: Connection, position: int, limit: int) -> list[Written]:
    """Return the same as they are written: where they stand, their version, and their body."""
    rows = _AFTER.all(tx, {"after": position, "most": limit})
    return [(row.position, row.version, row.body) for row in rows]


def last_at(tx: Connection) -> datetime | None:
    """Return the instant of the last event; None if there is none."""
    return tx.scalar(select(feed.c.at).order_by(feed.c.position.desc()).limit(1))
