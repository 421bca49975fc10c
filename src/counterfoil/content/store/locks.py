"""Locks as rows. One whose time is over is as good as none, and the next one takes its place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select

from counterfoil.content.latch import Lock, Thing
from counterfoil.content.model import Hand, end_of
from counterfoil.content.store.tables import locks, nodes
from counterfoil.kernel.ids import OrganizationId


def find(
    tx: Connection, organization: OrganizationId, thing: Thing, id_: int, now: datetime
) -> Lock | None:
    """Return the lock on a thing; None if nobody holds one."""
    row = tx.execute(
        select(locks).where(*_on(organization, thing, id_), locks.c.ends_at > now)
    ).first()
    return None if row is None else _to_lock(row)


def held_below(
    tx: Connection, organization: OrganizationId, path: str, by: Hand, now: datetime
) -> Lock | None:
    """Return a lock that somebody else holds on a node in this subtree; None if there is none."""
    others = (
        or_(locks.c.held_by.is_not(None), locks.c.held_with != by.token)
        if by.user is None
        else or_(locks.c.held_by.is_(None), locks.c.held_by != by.user)
    )
    row = tx.execute(
        select(locks)
        .join(
            nodes,
            and_(nodes.c.organization_id == locks.c.organization_id, nodes.c.id == locks.c.id),
        )
        .where(
            locks.c.organization_id == organization,
            locks.c.thing == str(Thing.NODE),
            locks.c.ends_at > now,
            nodes.c.path >= path,
            nodes.c.path < end_of(path),
            others,
        )
        .limit(1)
    ).first()
    return None if row is None else _to_lock(row)


def keep(tx: Connection, organization: OrganizationId, lock: Lock) -> None:
    """Write a lock in place of any other on the thing."""
    drop(tx, organization, lock.thing, lock.id)
    tx.execute(
        insert(locks).values(
            organization_id=organization,
            thing=str(lock.thing),
            id=lock.id,
            held_by=lock.holder.user,
            held_with=lock.holder.token,
            token_name=lock.token_name,
            taken_at=lock.taken_at,
            ends_at=lock.ends_at,
        )
    )


def drop(tx: Connection, organization: OrganizationId, thing: Thing, id_: int) -> None:
    """Take a lock away."""
    tx.execute(delete(locks).where(*_on(organization, thing, id_)))


def _on(organization: OrganizationId, thing: Thing, id_: int) -> tuple[Any, ...]:
    return (
        locks.c.organization_id == organization,
        locks.c.thing == str(thing),
        locks.c.id == id_,
    )


def _to_lock(row: Row[Any]) -> Lock:
    return Lock(
        thing=Thing(row.thing),
        id=row.id,
        holder=Hand(row.held_by, row.held_with),
        token_name=row.token_name,
        taken_at=row.taken_at,
        ends_at=row.ends_at,
    )
