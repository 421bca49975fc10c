"""What holds for an installation as a whole: how its tokens begin, and what founds it."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Column, Connection, Integer, LargeBinary, String, Table, select, update

from counterfoil.runtime.database import Instant, insert_or, metadata

installations: Final = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("prefix", String(8), nullable=False),
    Column("founding_digest", LargeBinary),
    Column("founding_dies_at", Instant),
    Column("seal_name", String(32)),
    Column("audit_key_name", String(64)),
    Column("feed_key_name", String(64)),
)


class KeyNames(NamedTuple):
    """What names the keys under which an installation signs; None for one that has no name yet."""

    audit: str | None
    feed: str | None


def prefix(tx: Connection) -> str | None:
    """Return how the tokens of this installation begin, if that was said yet."""
    return tx.scalar(select(installations.c.prefix))


def settle_prefix(tx: Connection, asked: str) -> str:
    """Return how its tokens begin: as was said first, which is now if it never was."""
    first = insert_or(tx, installations).values(id=1, prefix=asked).on_conflict_do_nothing()
    tx.execute(first)
    return prefix(tx) or asked


def seal_name(tx: Connection) -> str | None:
    """Return what names the key under which rows are sealed; None while they are not."""
    return tx.scalar(select(installations.c.seal_name))


def name_seal(tx: Connection, name: str) -> None:
    """Say under which key rows are sealed from now on."""
    tx.execute(update(installations).values(seal_name=name))


def key_names(tx: Connection) -> KeyNames:
    """Return what names the keys under which the audit trail and the feed are signed."""
    row = tx.execute(select(installations.c.audit_key_name, installations.c.feed_key_name)).first()
    return KeyNames(None, None) if row is None else KeyNames(*row)


def name_keys(tx: Connection, names: KeyNames) -> None:
    """Say under which keys both are signed from now on.

    The installation has said how its tokens begin.
    """
    c = installations.c
    said = {c.audit_key_name: names.audit, c.feed_key_name: names.feed}
    tx.execute(update(installations).values(said))


def keep_founding(tx: Connection, digest: bytes, dies_at: datetime) -> None:
    """Keep the digest of what founds the first organization, in the place of an earlier one.

    The installation has said how its tokens begin.
    """
    tx.execute(update(installations).values(founding_digest=digest, founding_dies_at=dies_at))


def take_founding(tx: Connection, digest: bytes, now: datetime) -> bool:
    """Use up what the first organization is founded with; say whether it was good."""
    c = installations.c
    good = (c.founding_digest == digest, c.founding_dies_at > now)
    spent = update(installations).where(*good).values(founding_digest=None, founding_dies_at=None)
    return tx.execute(spent).rowcount == 1
