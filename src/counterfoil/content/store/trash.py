"""The trash as rows: what lies in it, and what goes out of it for good."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, bindparam, delete, func, or_, select

from counterfoil.content.latch import Thing
from counterfoil.content.model import Kind, Node, end_of
from counterfoil.content.store import found_by
from counterfoil.content.store.rows import to_node
from counterfoil.content.store.tables import locks, members, nodes, schedules, values, versions
from counterfoil.content.store.visible import Shape, Sight
from counterfoil.kernel.ids import NodeId

_SHAPES: Final = 64
_PARENT: Final = nodes.alias("parent")


def some(tx: Connection, sight: Sight, size: int, after: tuple[datetime, int] | None) -> list[Node]:
    """Return up to `size` trashed nodes whose parents are in sight, the latest trashed first.

    What lies below a trashed node went with that, and comes back with it.
    """
    told: dict[str, Any] = {**sight.told, "size": size}
    if after is not None:
        told |= {"at": after[0], "last": after[1]}
    return [to_node(row) for row in tx.execute(_some(sight.shape, after is not None), told)]


def count(tx: Connection, sight: Sight) -> int:
    """Return how many there are."""
    query = select(func.count()).select_from(_trashed(sight.shape).subquery())
    found: int = tx.execute(query, sight.told).scalar_one()
    return found


def destroy(tx: Connection, top: Node) -> list[NodeId]:
    """Delete a trashed node for good, with all below it, and links that pointed there.

    Returns:
        Whatever the gates may still have heard of: all that was not trashed by itself.
    """
    here = (
        nodes.c.organization_id == top.organization,
        nodes.c.path >= top.path,
        nodes.c.path < end_of(top.path),
    )
    inside = select(nodes.c.id).where(*here)
    pointing = and_(
        nodes.c.organization_id == top.organization,
        nodes.c.kind == str(Kind.LINK),
        nodes.c.target_id.in_(inside),
    )
    going = or_(and_(*here), pointing)
    told = tx.execute(select(nodes.c.id).where(going, nodes.c.trashed_at.is_(None))).scalars().all()
    ids = select(nodes.c.id).where(going)
    found_by.forget(tx, tx.scalars(ids).all())
    for table, column in (
        (schedules, schedules.c.node_id),
        (versions, versions.c.node_id),
        (values, values.c.node_id),
        (members, members.c.node_id),
    ):
        ours = table.c.organization_id == top.organization
        tx.execute(delete(table).where(ours, column.in_(ids)))
    held = (locks.c.organization_id == top.organization, locks.c.thing == str(Thing.NODE))
    tx.execute(delete(locks).where(*held, locks.c.id.in_(ids)))
    tx.execute(delete(nodes).where(pointing, ~and_(*here)))
    tx.execute(delete(nodes).where(*here))
    return [NodeId(id_) for id_ in told]


@lru_cache(maxsize=_SHAPES)
def _some(shape: Shape, after: bool) -> Select[Any]:  # noqa: FBT001 - a key
    query = _trashed(shape)
    if after:
        at = bindparam("at", type_=nodes.c.trashed_at.type)
        query = query.where(
            or_(
                nodes.c.trashed_at < at,
                and_(nodes.c.trashed_at == at, nodes.c.id < bindparam("last")),
            )
        )
    return query.order_by(nodes.c.trashed_at.desc(), nodes.c.id.desc()).limit(bindparam("size"))


def _trashed(shape: Shape) -> Select[Any]:
    parent = _PARENT
    return (
        select(nodes)
        .join(
            parent,
            and_(
                parent.c.organization_id == nodes.c.organization_id,
                parent.c.id == nodes.c.parent_id,
            ),
        )
        .where(
            nodes.c.organization_id == bindparam("organization"),
            nodes.c.trashed_at.is_not(None),
            shape.seen(parent, links=False),
            or_(nodes.c.kind != Kind.ASSET, shape.assets_under(parent)),
        )
    )
