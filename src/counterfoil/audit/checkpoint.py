"""Checkpoints of the audit trail: how many entries there were, and the root over them, signed.

    counterfoil.audit/5f0c2b…                       which log
    1207                                            entries
    pTbY…                                           the root, in base64
    epoch 1                                         of the feed: a restore begins a new one
    at 2026-11-25T09:30:00.000000Z

It is a checkpoint as C2SP's tlog-checkpoint has it, so its tools read it too. Whoever keeps one
can later see whether all that was on record then still is, and is as it was (R15).
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import BigInteger, Column, Connection, Table, Text, delete, insert, select

from counterfoil.audit.merkle import BYTES
from counterfoil.audit.record import leaves, since
from counterfoil.audit.tree import Tree
from counterfoil.feed.outbox import read_head
from counterfoil.kernel.clock import Clock, spell_instant
from counterfoil.runtime.database import Database, Instant, metadata
from counterfoil.runtime.signing import NoteError, PublicKey, Signer, opened
from counterfoil.runtime.witness import NOBODY

PURPOSE: Final = "counterfoil.audit"
EVERY_S: Final = 5.0
"""How often the trail is signed, if it has grown."""
KEPT: Final = timedelta(minutes=10)
"""The newest checkpoint gives way to the next one, unless it is so much younger than another."""

table: Final = Table(
    "audit_checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("note", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log was at an instant.

    Attributes:
        log: which log, by the name of the key that signs it.
        size: how many entries it had.
        root: the root over them, 32 bytes.
        epoch: that of the feed.
        at: when it was signed, spelled by whom.
        note: all of it, as it was signed.
    """

    log: str
    size: int
    root: bytes
    epoch: int
    at: str
    note: str


def read(note: str, key: PublicKey) -> Checkpoint:
    """Return the checkpoint in a note.

    Raises:
        NoteError: if it is none, or not signed under the key.
    """
    lines = opened(note, key).splitlines()
    try:
        log, size, coded, epoch, at = lines
        found = Checkpoint(
            log,
            int(size),
            b64decode(coded, validate=True),
            int(epoch.removeprefix("epoch ")),
            at.removeprefix("at "),
            note,
        )
    except ValueError:
        found = None
    if found is None or len(found.root) != BYTES or found.size < 0 or found.log != key.name:
        message = "this is no checkpoint of an audit trail"
        raise NoteError(message)
    return found


def tree_in(tx: Connection) -> Tree:
    """Return the tree over the trail, as it is in one state of the database."""
    return Tree(tx, partial(leaves, tx))


def sign(tx: Connection, signer: Signer, now: datetime) -> Checkpoint:
    """Return a checkpoint of the trail as it is in one state of the database."""
    heads = read_head(tx)
    root = tree_in(tx).root(heads.audit_position)
    lines = (
        signer.public.name,
        str(heads.audit_position),
        b64encode(root).decode(),
        f"epoch {heads.epoch}",
        f"at {spell_instant(now)}",
    )
    return read(signer.sign("".join(f"{line}\n" for line in lines)), signer.public)


def keep(database: Database, signer: Signer, clock: Clock) -> Checkpoint | None:
    """Sign and keep the trail as it is, if it has grown; return what is new."""
    with database.reading() as tx:
        if read_head(tx).audit_position <= _newest(tx):
            return None
    with database.transaction(NOBODY) as tx:
        read_head(tx, hold=True)
        now = clock()
        made = sign(tx, signer, now)
        if made.size <= _newest(tx):
            return None
        last = tx.execute(select(table.c.size, table.c.at).order_by(table.c.size.desc()).limit(2))
        match last.all():
            case [newest, before] if newest.at - before.at < KEPT:
                tx.execute(delete(table).where(table.c.size == newest.size))
        tx.execute(insert(table).values(size=made.size, at=now, note=made.note))
    return made


def kept(tx: Connection) -> list[str]:
    """Return the notes that are kept, the oldest first."""
    return list(tx.scalars(select(table.c.note).order_by(table.c.size)))


def newest(tx: Connection) -> str | None:
    """Return the newest note that is kept; None if there is none yet."""
    return tx.scalar(select(table.c.note).order_by(table.c.size.desc()).limit(1))


def unsigned_since(tx: Connection) -> datetime | None:
    """Return since when an entry waits to be signed; None if all are."""
    return since(tx, _newest(tx))


def _newest(tx: Connection) -> int:
    return tx.scalar(select(table.c.size).order_by(table.c.size.desc()).limit(1)) or 0
