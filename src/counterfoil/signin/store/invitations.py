"""Invitations in the database: put in, taken out once, and never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    delete,
    insert,
    select,
)

from counterfoil.kernel.ids import OrganizationId, UserId
from counterfoil.signin.model import Invitation
from counterfoil.signin.store.tables import invitations


def replace(tx: Connection, new: Invitation) -> None:
    """Put an invitation in, in the place of every earlier one of the same person."""
    drop(tx, new.user)
    tx.execute(
        insert(invitations).values(
            digest=new.digest,
            organization_id=new.organization,
            user_id=new.user,
            invited_by=new.by,
            position=new.position,
            made_at=new.made_at,
            dies_at=new.dies_at,
        )
    )


def find(tx: Connection, digest: bytes) -> Invitation | None:
    """Return an invitation that nobody has used yet."""
    row = tx.execute(select(invitations).where(invitations.c.digest == digest)).one_or_none()
    return None if row is None else _invitation(row)


def take(tx: Connection, digest: bytes) -> Invitation | None:
    """Take an invitation out and return it. Of two at once one gets it."""
    taken = tx.execute(
        delete(invitations).where(invitations.c.digest == digest).returning(*invitations.c)
    )
    row = taken.one_or_none()
    return None if row is None else _invitation(row)


def drop(tx: Connection, user: UserId) -> None:
    """Take out what a person has not used."""
    tx.execute(delete(invitations).where(invitations.c.user_id == user))


def drop_late(tx: Connection, now: datetime) -> None:
    """Take out what nobody used in time."""
    tx.execute(delete(invitations).where(invitations.c.dies_at <= now))


def _invitation(row: Row[Any]) -> Invitation:
    return Invitation(
        digest=bytes(row.digest),
        organization=OrganizationId(row.organization_id),
        user=UserId(row.user_id),
        by=None if row.invited_by is None else UserId(row.invited_by),
        position=row.position,
        made_at=row.made_at,
        dies_at=row.dies_at,
    )
