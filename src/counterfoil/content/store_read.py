"""What callers see: single nodes and pages of them, each behind the one condition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
)

from counterfoil.access.surface import Surface
from counterfoil.content.model import Kind, Shown, end_of
from counterfoil.content.store import to_node
from counterfoil.content.store_tables import content_types, nodes, versions
from counterfoil.content.store_visible import Shape, Sight
from counterfoil.kernel.clock import instant, micros
from counterfoil.kernel.ids import NodeId

_SHAPES: Final = 512
_PARENT: Final = nodes.alias("parent")


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

    @property
    def told(self) -> dict[str, Any]:
        """What its conditions are told when they run."""
        told: dict[str, Any] = {}
        if self.kinds:
            told["kinds"] = [str(kind) for kind in self.kinds]
        if self.parent is not None:
            told["parent"] = self.parent
        if self.under is not None:
            told["under"], told["under_end"] = self.under, end_of(self.under)
        if self.at is not None:
            told["at"] = self.at
        if self.content_type is not None:
            by_id = self.content_type.isdecimal()
            told["type_id" if by_id else "api_key"] = (
                int(self.content_type) if by_id else self.content_type
            )
        return told

    @property
    def shape(self) -> WishShape:
        """What its statement looks like, whatever is named."""
        return WishShape(
            frozenset(self.told) - {"under_end"}, self.order, descending=self.descending
        )


@dataclass(frozen=True, slots=True)
class WishShape:
    """The form of a wish: which of its parts are named, and the order."""

    named: frozenset[str]
    order: Order
    descending: bool


def one(tx: Connection, sight: Sight, id_: NodeId) -> Shown | None:
    """Return a node as this caller sees it, by one statement; None if it does not see it."""
    row = tx.execute(_one(sight.shape), {**sight.told, "id": id_}).first()
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
    told = {**sight.told, **wish.told, "size": size, "offset": offset}
    if after is not None:
        told["value"] = instant(after.value) if isinstance(after.value, int) else after.value
        told["last"] = after.id
    query = _some(sight.shape, wish.shape, after is not None)
    return [_to_shown(row) for row in tx.execute(query, told)]


def count(tx: Connection, sight: Sight, wish: Wish) -> int:
    """Return how many nodes this caller sees and wishes for."""
    query = _count(sight.shape, wish.shape)
    found: int = tx.execute(query, {**sight.told, **wish.told}).scalar_one()
    return found


def ancestors(tx: Connection, sight: Sight, below: Shown) -> list[Shown]:
    """Return the visible nodes above this one, the topmost first (S32)."""
    told = {**sight.told, "path": below.node.path, "id": below.node.id}
    return [_to_shown(row) for row in tx.execute(_ancestors(sight.shape), told)]


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


@lru_cache(maxsize=_SHAPES)
def _one(shape: Shape) -> Select[Any]:
    return _shown(shape).where(nodes.c.id == bindparam("id"))


@lru_cache(maxsize=_SHAPES)
def _some(shape: Shape, wish: WishShape, after: bool) -> Select[Any]:  # noqa: FBT001 - a key
    by = _column(shape, wish.order)
    query = _wished(_shown(shape), wish)
    if after:
        query = query.where(_beyond(by, descending=wish.descending))
    ends = (by.desc(), nodes.c.id.desc()) if wish.descending else (by, nodes.c.id)
    return query.order_by(*ends).limit(bindparam("size")).offset(bindparam("offset"))


@lru_cache(maxsize=_SHAPES)
def _count(shape: Shape, wish: WishShape) -> Select[Any]:
    return _wished(select(func.count()).select_from(nodes).where(shape.seen()), wish)


@lru_cache(maxsize=_SHAPES)
def _ancestors(shape: Shape) -> Select[Any]:
    path = bindparam("path", type_=nodes.c.path.type)
    return (
        _shown(shape)
        .where(func.substr(path, 1, func.length(nodes.c.path)) == nodes.c.path)
        .where(nodes.c.id != bindparam("id"))
        .order_by(func.length(nodes.c.path))
    )


def _shown(shape: Shape) -> Select[Any]:
    parent = _PARENT
    number = nodes.c.published if shape.surface is Surface.DELIVERY else nodes.c.draft
    placed = nodes.outerjoin(
        parent, and_(parent.c.id == nodes.c.parent_id, shape.seen(parent))
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
        .where(shape.seen())
    )


def _wished(query: Select[Any], wish: WishShape) -> Select[Any]:
    for name in sorted(wish.named):
        query = query.where(_condition(name))
    return query


def _condition(name: str) -> ColumnElement[bool]:
    """Return what one of the parts of a wish asks of a node."""
    match name:
        case "kinds":
            return nodes.c.kind.in_(bindparam("kinds", expanding=True))
        case "parent":
            return nodes.c.parent_id == bindparam("parent")
        case "under":
            return and_(nodes.c.path >= bindparam("under"), nodes.c.path < bindparam("under_end"))
        case "at":
            return nodes.c.id == bindparam("at")
    is_named = (
        content_types.c.id == bindparam("type_id")
        if name == "type_id"
        else content_types.c.api_key == bindparam("api_key")
    )
    return (
        exists()
        .where(
            content_types.c.organization_id == nodes.c.organization_id,
            content_types.c.id == nodes.c.content_type_id,
            is_named,
        )
        .correlate(nodes)
    )


def _column(shape: Shape, order: Order) -> ColumnElement[Any]:
    match order:
        case Order.SLUG:
            return nodes.c.slug
        case Order.CREATED_AT:
            return nodes.c.created_at
        case Order.UPDATED_AT:
            if shape.surface is not Surface.DELIVERY:
                return nodes.c.updated_at
            return case(
                (
                    nodes.c.kind == Kind.ENTRY,
                    func.coalesce(nodes.c.published_at, nodes.c.created_at),
                ),
                else_=nodes.c.updated_at,
            )


def _beyond(by: ColumnElement[Any], *, descending: bool) -> ColumnElement[bool]:
    value: ColumnElement[Any] = bindparam("value", type_=by.type)
    last: ColumnElement[Any] = bindparam("last")
    if descending:
        return or_(by < value, and_(by == value, nodes.c.id < last))
    return or_(by > value, and_(by == value, nodes.c.id > last))


def _to_shown(row: Row[Any]) -> Shown:
    parent = row.visible_parent
    return Shown(
        node=to_node(row),
        parent=None if parent is None else NodeId(parent),
        content=row.content,
        position=row.position,
    )
