"""Schedules as rows: at most one for each entry."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from counterfoil.access.caller import Method
from counterfoil.content.agenda import Missed, Schedule, Scheduler, Turn
from counterfoil.content.store.tables import schedules
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import NodeId, OrganizationId, TokenId, UserId


def find(tx: Connection, organization: OrganizationId, node: NodeId) -> Schedule | None:
    """Return the schedule of an entry; None if it has none."""
    row = tx.execute(select(schedules).where(*_of(organization, node))).first()
    return None if row is None else _to_schedule(row)


def of(
    tx: Connection, organization: OrganizationId, ids: Collection[NodeId]
) -> dict[NodeId, Schedule]:
    """Return the schedules of those of these entries that have one."""
    ours = schedules.c.organization_id == organization
    rows = tx.execute(select(schedules).where(ours, schedules.c.node_id.in_(ids)))
    return {one.node: one for one in map(_to_schedule, rows)}


def due(tx: Connection, now: datetime, most: int) -> list[Schedule]:
    """Return schedules of all organizations of which a time has come, the longest due first."""
    times = (schedules.c.publish_at, schedules.c.unpublish_at)
    found: dict[tuple[int, int], Schedule] = {}
    for at in times:  # one index each
        rows = tx.execute(select(schedules).where(at <= now).order_by(at).limit(most))
        for one in map(_to_schedule, rows):
            found[one.organization, one.node] = one
    return sorted(found.values(), key=lambda one: (one.due(now) or (Turn.PUBLISH, now))[1])


def keep(tx: Connection, one: Schedule) -> None:
    """Write a schedule in place of the one that the entry had, or none if it is over."""
    drop(tx, one.organization, one.node)
    if one.is_over:
        return
    missed = one.missed
    tx.execute(
        insert(schedules).values(
            organization_id=one.organization,
            node_id=one.node,
            publish_at=one.publish_at,
            unpublish_at=one.unpublish_at,
            set_at=one.set_at,
            set_by=one.by.user,
            set_with=one.by.token,
            token_name=one.by.token_name,
            issuer_id=one.by.issuer,
            method=str(one.by.method),
            position=one.by.position,
            missed=None if missed is None else str(missed.turn),
            missed_due_at=None if missed is None else missed.due_at,
            missed_at=None if missed is None else missed.at,
            missed_code=None if missed is None else str(missed.code),
            version=one.version,
        )
    )


def drop(tx: Connection, organization: OrganizationId, node: NodeId) -> None:
    """Take the schedule of an entry away."""
    tx.execute(delete(schedules).where(*_of(organization, node)))


def _of(organization: OrganizationId, node: NodeId) -> tuple[Any, ...]:
    return schedules.c.organization_id == organization, schedules.c.node_id == node


def _to_schedule(row: Row[Any]) -> Schedule:
    missed = None
    if row.missed is not None:
        missed = Missed(Turn(row.missed), row.missed_due_at, row.missed_at, Code(row.missed_code))
    return Schedule(
        organization=OrganizationId(row.organization_id),
        node=NodeId(row.node_id),
        publish_at=row.publish_at,
        unpublish_at=row.unpublish_at,
        set_at=row.set_at,
        by=Scheduler(
            user=None if row.set_by is None else UserId(row.set_by),
            method=Method(row.method),
            token=None if row.set_with is None else TokenId(row.set_with),
            token_name=row.token_name,
            issuer=None if row.issuer_id is None else UserId(row.issuer_id),
            position=row.position,
        ),
        missed=missed,
        version=row.version,
    )
