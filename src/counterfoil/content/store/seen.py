"""What callers see: single nodes and what stands above them, each behind the one condition."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, bindparam, func, select

from counterfoil.access.surface import Surface
from counterfoil.content.model import Kind, Shown
from counterfoil.content.store.rows import to_node
from counterfoil.content.store.tables import content_types, nodes, versions
from counterfoil.content.store.visible import Shape, Sight
from counterfoil.kernel.ids import NodeId
from counterfoil.runtime.prepared import Prepared

_SHAPES: Final = 512
_AT_ONCE: Final = 500
_PARENT: Final = nodes.alias("parent")


def one(tx: Connection, sight: Sight, id_: NodeId) -> Shown | None:
    """Return a node as this caller sees it, by one statement; None if it does not see it."""
    row = _one(sight.shape).first(tx, {**sight.told, "id": id_})
    return None if row is None else to_shown(row)


def ancestors(tx: Connection, sight: Sight, below: Shown) -> list[Shown]:
    """Return the visible nodes above this one, the topmost first (S32)."""
    told = {**sight.told, "path": below.node.path, "id": below.node.id}
    return [to_shown(row) for row in tx.execute(_ancestors(sight.shape), told)]


def named_and_seen(
    tx: Connection, sight: Sight, ids: Collection[NodeId]
) -> dict[NodeId, str | None]:
    """Return those of these entries and assets that this caller sees.

    Each entry with the api_key of its type, each asset with None.
    """
    found: dict[NodeId, str | None] = {}
    told, wanted = sight.told, sorted(set(ids))
    for start in range(0, len(wanted), _AT_ONCE):
        some = {**told, "ids": wanted[start : start + _AT_ONCE]}
        found.update((NodeId(id_), key) for id_, key in tx.execute(_named(sight.shape), some))
    return found


def shown_at(shown: Shown, surface: Surface) -> datetime:
    """Return when what is shown last changed: on delivery nobody learns of work on a draft."""
    node = shown.node
    if surface is Surface.DELIVERY and node.kind is Kind.ENTRY:
        return node.published_at or node.created_at
    return node.updated_at


def shown(shape: Shape) -> Select[Any]:
    """Select all nodes that are seen, each with its visible parent and this surface's content."""
    parent = _PARENT
    number = nodes.c.published if shape.surface is Surface.DELIVERY else nodes.c.draft
    placed = (
        nodes.outerjoin(parent, and_(parent.c.id == nodes.c.parent_id, shape.seen(parent)))
        .outerjoin(
            versions,
            and_(
                versions.c.organization_id == nodes.c.organization_id,
                versions.c.node_id == nodes.c.id,
                versions.c.number == number,
            ),
        )
        .outerjoin(
            content_types,
            and_(
                content_types.c.organization_id == nodes.c.organization_id,
                content_types.c.id == nodes.c.content_type_id,
            ),
        )
    )
    return (
        select(
            nodes,
            parent.c.id.label("visible_parent"),
            versions.c.content,
            versions.c.position,
            content_types.c.refers,
        )
        .select_from(placed)
        .where(shape.seen())
    )


def to_shown(row: Row[Any]) -> Shown:
    """Read a row of `shown`."""
    parent = row.visible_parent
    return Shown(
        node=to_node(row),
        parent=None if parent is None else NodeId(parent),
        content=row.content,
        position=row.position,
        refers=bool(row.refers),
    )


@lru_cache(maxsize=_SHAPES)
def _one(shape: Shape) -> Prepared:
    return Prepared(shown(shape).where(nodes.c.id == bindparam("id")))


@lru_cache(maxsize=_SHAPES)
def _named(shape: Shape) -> Select[Any]:
    typed = nodes.outerjoin(
        content_types,
        and_(
            content_types.c.organization_id == nodes.c.organization_id,
            content_types.c.id == nodes.c.content_type_id,
        ),
    )
    return (
        select(nodes.c.id, content_types.c.api_key)
        .select_from(typed)
        .where(
            shape.seen(links=False),
            nodes.c.id.in_(bindparam("ids", expanding=True)),
            nodes.c.kind.in_((Kind.ENTRY, Kind.ASSET)),
        )
    )


@lru_cache(maxsize=_SHAPES)
def _ancestors(shape: Shape) -> Select[Any]:
    path = bindparam("path", type_=nodes.c.path.type)
    return (
        shown(shape)
        .where(func.substr(path, 1, func.length(nodes.c.path)) == nodes.c.path)
        .where(nodes.c.id != bindparam("id"))
        .order_by(func.length(nodes.c.path))
    )
