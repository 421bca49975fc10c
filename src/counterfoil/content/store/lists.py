"""Lists: pages of what a caller sees, and how many there are.

A list first finds the ids of its page, by an index, and then looks only these up. Under roots it
looks below the topmost of them (`store_tops`); what is shown has passed the one condition besides.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    union_all,
)

from counterfoil.access.surface import Surface
from counterfoil.content.model import SEPARATOR, Kind, Shown
from counterfoil.content.store.seen import shown, shown_at, to_shown
from counterfoil.content.store.tables import content_types, nodes
from counterfoil.content.store.tops import ALL, ASSETS, Tops, tops
from counterfoil.content.store.visible import Shape, Sight
from counterfoil.content.store.wish import Last, Order, Wish, WishShape
from counterfoil.kernel.clock import instant, micros
from counterfoil.runtime.prepared import Prepared

_SHAPES: Final = 512
_TOP: Final = nodes.alias("top")
_PAST: Final = chr(ord(SEPARATOR) + 1)
_DRIVERS: Final = frozenset({"parent", "ids"})
"""Parts of a wish that name so few nodes that reading begins with them."""

Parts: TypeAlias = tuple[str, ...] | None
"""Below which parts of `Tops` a list looks; None for the whole tree."""


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
    below = _below(tx, sight, wish)
    if below == {}:
        return []
    told = {**sight.told, **wish.told, **_told(below), "size": size, "offset": offset}
    if after is not None:
        told["value"] = instant(after.value) if isinstance(after.value, int) else after.value
        told["last"] = after.id
    query = _some(sight.shape, wish.shape, _parts(below), after is not None)
    return [to_shown(row) for row in query.all(tx, told)]


def count(tx: Connection, sight: Sight, wish: Wish) -> int:
    """Return how many nodes this caller sees and wishes for."""
    below = _below(tx, sight, wish)
    if below == {}:
        return 0
    query = _count(sight.shape, wish.shape, _parts(below))
    row = query.first(tx, {**sight.told, **wish.told, **_told(below)})
    return 0 if row is None else int(row.total)


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


def _below(tx: Connection, sight: Sight, wish: Wish) -> Tops | None:
    if wish.under is None and not _DRIVERS.isdisjoint(wish.told):
        return None
    return tops(tx, sight, wish.kinds, wish.under)


def _parts(below: Tops | None) -> Parts:
    return None if below is None else tuple(below)


def _told(below: Tops | None) -> dict[str, Any]:
    return {_ids(part): list(ids) for part, ids in (below or {}).items()}


def _ids(part: str) -> str:
    return f"below_{part}"


@lru_cache(maxsize=_SHAPES)
def _some(shape: Shape, wish: WishShape, parts: Parts, after: bool) -> Prepared:  # noqa: FBT001 - a key
    by = _column(shape, wish.order)
    beyond = [_beyond(by, descending=wish.descending)] if after else []
    found = [each.where(*beyond) for each in _found(shape, wish, parts, nodes.c.id, by.label("at"))]
    if _led(wish, parts):
        # Planners would sooner look for the page along its order, and meet little there. Only in a
        # range of paths does SQLite see by itself what is less.
        within = union_all(*found).cte("within")
        within = within.prefix_with("MATERIALIZED", dialect="postgresql" if parts else "*")
        sought = select(within).order_by(*_ends(within.c.at, within.c.id, wish))
    else:
        sought = found[0].order_by(*_ends(by, nodes.c.id, wish))
    page = sought.limit(bindparam("size")).offset(bindparam("offset")).subquery("page")
    listed = shown(shape).where(nodes.c.id == page.c.id)
    return Prepared(listed.order_by(*_ends(page.c.at, page.c.id, wish)))


@lru_cache(maxsize=_SHAPES)
def _count(shape: Shape, wish: WishShape, parts: Parts) -> Prepared:
    found = _found(shape, wish, parts, nodes.c.id)
    return Prepared(select(func.count().label("total")).select_from(union_all(*found).subquery()))


def _found(
    shape: Shape, wish: WishShape, parts: Parts, *columns: ColumnElement[Any]
) -> list[Select[Any]]:
    """Select what is seen and wished for: in the whole tree, or part by part."""
    if parts is None:
        every = [select(*columns).where(shape.seen(links=wish.links))]
    else:
        passes = shape.passes(links=wish.links)
        every = [_ranged(part, *columns).where(passes) for part in parts]
    wished = [_condition(name, led=_led(wish, parts)) for name in sorted(wish.named)]
    return [each.where(*wished) for each in every]


def _led(wish: WishShape, parts: Parts) -> bool:
    """Say whether something leads to few rows: the tops of a range, or what the wish names."""
    return parts is not None or not _DRIVERS.isdisjoint(wish.named)


def _ranged(part: str, *columns: ColumnElement[Any]) -> Select[Any]:
    """Select what stands below the tops of one part: a range of paths for each of them."""
    top = _TOP
    past = func.substr(top.c.path, 1, func.length(top.c.path) - 1) + _PAST
    placed = top.join(
        nodes,
        and_(
            nodes.c.organization_id == top.c.organization_id,
            nodes.c.path >= top.c.path,
            nodes.c.path < past,
        ),
    )
    found = (
        select(*columns)
        .select_from(placed)
        .where(
            top.c.id.in_(bindparam(_ids(part), expanding=True)),
            _hidden(top.c.organization_id) == bindparam("organization"),
        )
    )
    if part == ALL:
        return found
    return found.where((nodes.c.kind == Kind.ASSET) == (part == ASSETS))


def _hidden(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the same value, of which no index knows.

    What leads a list to its rows is chosen here. Without figures of its own SQLite takes any
    organization, kind or type for a handful, and would sooner read all of these.
    """
    return column + ("" if isinstance(column.type, String) else 0)


def _condition(name: str, *, led: bool) -> ColumnElement[bool]:
    """Return what a part of a wish asks of a node; `led` if something else leads to it."""
    match name:
        case "kinds":
            kind = _hidden(nodes.c.kind) if led else nodes.c.kind
            return kind.in_(bindparam("kinds", expanding=True))
        case "parent":  # its second half is what the index of children is made for
            return and_(nodes.c.parent_id == bindparam("parent"), nodes.c.trashed_at.is_(None))
        case "ids":
            return nodes.c.id.in_(bindparam("ids", expanding=True))
    is_named = (
        content_types.c.id == bindparam("type_id")
        if name == "type_id"
        else content_types.c.api_key == bindparam("api_key")
    )
    named = select(content_types.c.id).where(
        content_types.c.organization_id == bindparam("organization"), is_named
    )
    type_ = _hidden(nodes.c.content_type_id) if led else nodes.c.content_type_id
    return type_ == named.scalar_subquery()


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


def _ends(
    at: ColumnElement[Any], id_: ColumnElement[Any], wish: WishShape
) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return (at.desc(), id_.desc()) if wish.descending else (at, id_)
