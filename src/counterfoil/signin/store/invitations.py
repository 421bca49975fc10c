"""Invitations in the database: put in, taken out once, and never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    and_,
    delete,
    insert,
    select,
)

from counterfoil.kernel.ids import OrganizationId, UserId
from counterfoil.signin.model import Invitation
from counterfoil.signin.store.tables import invitations


def replace(tx: Connection, new: Invitation) -> None:
    """Put an invitation in, in the place of every earlier one to the same.

    There is one code that opens an account, whoever made it, and one for each place that it joins.
    """
    drop(tx, new.user, joining=new.organization if new.joins else None)
    tx.execute(
        insert(invitations).values(
            digest=new.digest,
            organization_id=new.organization,
            user_id=new.user,
            invited_by=new.by,
            position=new.position,
            made_at=new.made_at,
            dies_at=new.dies_at,
            joins=new.joins,
        )
    )


def find(tx: Connection, digest: bytes) -> Invitation | None:
    """Return an invitation to an account that nobody has used yet."""
    query = select(invitations).where(invitations.c.digest == digest, ~invitations.c.joins)
    row = tx.execute(query).one_or_none()
    return None if row is None else _invitation(row)


def take(tx: Connection, digest: bytes, *, joins: bool = False) -> Invitation | None:
    """Take an invitation of one kind out and return it. Of two at once one gets it."""
    one = (invitations.c.digest == digest, invitations.c.joins == joins)
    row = tx.execute(delete(invitations).where(*one).returning(*invitations.c)).one_or_none()
    return None if row is None else _invitation(row)


def drop(tx: Connection, user: UserId, *, joining: OrganizationId | None = None) -> None:
    """Take out the code to an account that nobody used, or the one by which it joins a place."""
    mine = invitations.c.user_id == user
    which = (
        ~invitations.c.joins
        if joining is None
        else and_(invitations.c.joins, invitations.c.organization_id == joining)
    )
    tx.execute(delete(invitations).where(mine, which))


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
        joins=row.joins,
    )
