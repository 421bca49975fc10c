"""What callers see: single nodes and pages of them, each behind the one condition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, or_, select

from counterfoil.access.surface import Surface
from counterfoil.content.model import Kind, Shown, end_of
from counterfoil.content.store import to_node
from counterfoil.content.store_tables import content_types, nodes, versions
from counterfoil.content.store_visible import Sight
from counterfoil.kernel.clock import instant, micros
from counterfoil.kernel.ids import NodeId

KINDS_WITH_CONTENT: Final = (Kind.ENTRY, Kind.ASSET)


class Order(StrEnum):
    """By what a list may be sorted; `-` before it turns it round."""

    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    SLUG = "slug"


@dataclass(frozen=True, slots=True)
class Last:
    """The last row of a page: the value it is sorted by, and its id."""

    value: str | int
    id: int


@dataclass(frozen=True, slots=True)
class Wish:
    """Which nodes are listed, of all that may be seen, and in what order.

    Attributes:
        kinds: only these; none named are all.
        parent: only direct children of this node.
        under: only this node and what stands below it.
        content_type: only entries of the type with this id or api_key.
        at: only this node.
    """

    kinds: tuple[Kind, ...] = ()
    parent: NodeId | None = None
    under: str | None = None
    content_type: str | None = None
    at: NodeId | None = None
    order: Order = Order.CREATED_AT
    descending: bool = False


def one(tx: Connection, sight: Sight, id_: NodeId) -> Shown | None:
    """Return a node as this caller sees it, by one statement; None if it does not see it."""
    row = tx.execute(_shown(sight).where(nodes.c.id == id_)).first()
    return None if row is None else _to_shown(row)


def some(
    tx: Connection,
    sight: Sight,
    wish: Wish,
    size: int,
    *,
    after: Last | None = None,
    offset: int = 0,
) -> list[Shown]:
    """Return up to `size` of the nodes that this caller sees and wishes for, after a row."""
    by = _column(sight, wish.order)
    query = _wished(_shown(sight), wish)
    if after is not None:
        value = instant(after.value) if isinstance(after.value, int) else after.value
        query = query.where(_beyond(by, value, after.id, descending=wish.descending))
    ends = (by.desc(), nodes.c.id.desc()) if wish.descending else (by, nodes.c.id)
    rows = tx.execute(query.order_by(*ends).limit(size).offset(offset or None))
    return [_to_shown(row) for row in rows]


def count(tx: Connection, sight: Sight, wish: Wish) -> int:
    """Return how many nodes this caller sees and wishes for."""
    found: int = tx.execute(
        _wished(select(func.count()).select_from(nodes).where(sight.of()), wish)
    ).scalar_one()
    return found


def ancestors(tx: Connection, sight: Sight, below: Shown) -> list[Shown]:
    """Return the visible nodes above this one, the topmost first (S32)."""
    path = below.node.path
    rows = tx.execute(
        _shown(sight)
        .where(func.substr(path, 1, func.length(nodes.c.path)) == nodes.c.path)
        .where(nodes.c.id != below.node.id)
        .order_by(func.length(nodes.c.path))
    )
    return [_to_shown(row) for row in rows]


def last_of(shown: Shown, wish: Wish, surface: Surface) -> Last:
    """Return what a cursor must name so that a list goes on after this row."""
    node = shown.node
    match wish.order:
        case Order.SLUG:
            return Last(node.slug, node.id)
        case Order.CREATED_AT:
            return Last(micros(node.created_at), node.id)
        case Order.UPDATED_AT:
            return Last(micros(shown_at(shown, surface)), node.id)


def shown_at(shown: Shown, surface: Surface) -> datetime:
    """Return when what is shown last changed: on delivery nobody learns of work on a draft."""
    node = shown.node
    if surface is Surface.DELIVERY and node.kind is Kind.ENTRY:
        return node.published_at or node.created_at
    return node.updated_at


def _shown(sight: Sight) -> Select[Any]:
    parent = nodes.alias("parent")
    number = nodes.c.published if sight.surface is Surface.DELIVERY else nodes.c.draft
    placed = nodes.outerjoin(
        parent, and_(parent.c.id == nodes.c.parent_id, sight.of(parent))
    ).outerjoin(
        versions,
        and_(
            versions.c.organization_id == nodes.c.organization_id,
            versions.c.node_id == nodes.c.id,
            versions.c.number == number,
        ),
    )
    return (
        select(
            nodes,
            parent.c.id.label("visible_parent"),
            versions.c.content,
            versions.c.position,
        )
        .select_from(placed)
        .where(sight.of())
    )


def _wished(query: Select[Any], wish: Wish) -> Select[Any]:
    if wish.kinds:
        query = query.where(nodes.c.kind.in_(wish.kinds))
    if wish.parent is not None:
        query = query.where(nodes.c.parent_id == wish.parent)
    if wish.under is not None:
        query = query.where(nodes.c.path >= wish.under, nodes.c.path < end_of(wish.under))
    if wish.at is not None:
        query = query.where(nodes.c.id == wish.at)
    if wish.content_type is not None:
        named = (
            content_types.c.id == int(wish.content_type)
            if wish.content_type.isdecimal()
            else content_types.c.api_key == wish.content_type
        )
        query = query.where(
            select(content_types.c.id)
            .where(
                content_types.c.organization_id == nodes.c.organization_id,
                content_types.c.id == nodes.c.content_type_id,
                named,
            )
            .exists()
        )
    return query


def _column(sight: Sight, order: Order) -> ColumnElement[Any]:
    match order:
        case Order.SLUG:
            return nodes.c.slug
        case Order.CREATED_AT:
            return nodes.c.created_at
        case Order.UPDATED_AT:
            if sight.surface is not Surface.DELIVERY:
                return nodes.c.updated_at
            return case(
                (
                    nodes.c.kind == Kind.ENTRY,
                    func.coalesce(nodes.c.published_at, nodes.c.created_at),
                ),
                else_=nodes.c.updated_at,
            )


def _beyond(
    by: ColumnElement[Any], value: object, id_: int, *, descending: bool
) -> ColumnElement[bool]:
    if descending:
        return or_(by < value, and_(by == value, nodes.c.id < id_))
    return or_(by > value, and_(by == value, nodes.c.id > id_))


def _to_shown(row: Row[Any]) -> Shown:
    parent = row.visible_parent
    return Shown(
        node=to_node(row),
        parent=None if parent is None else NodeId(parent),
        content=row.content,
        position=row.position,
    )
