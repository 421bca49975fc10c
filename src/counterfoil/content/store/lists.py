"""Lists: pages of what a caller sees, and how many there are.

A list first finds the ids of its page, by an index, and then looks only these up. Under roots it
looks below the topmost of them (`store_tops`); what is shown has passed the one condition besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
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
from counterfoil.content import findable, policy
from counterfoil.content.model import SEPARATOR, Kind, Shown
from counterfoil.content.store import found_by
from counterfoil.content.store.seen import shown, shown_at, to_shown
from counterfoil.content.store.tables import content_types, nodes
from counterfoil.content.store.tops import ALL, ASSETS, Tops, tops
from counterfoil.content.store.visible import Shape, Sight
from counterfoil.content.store.wish import By, KeyShape, Last, Order, Wish, WishShape
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
    told = {**_all_told(tx, sight, wish, below), "size": size, "offset": offset}
    if after is not None:
        told["last"] = after.id
        for place, value in enumerate(after.values):
            told[f"value_{place}"] = instant(value) if isinstance(value, int) else value
    query = _some(sight.shape, wish.shape, _parts(below), after is not None)
    return [to_shown(row) for row in query.all(tx, told)]


def count(tx: Connection, sight: Sight, wish: Wish) -> int:
    """Return how many nodes this caller sees and wishes for."""
    below = _below(tx, sight, wish)
    if below == {}:
        return 0
    query = _count(sight.shape, wish.shape, _parts(below))
    row = query.first(tx, _all_told(tx, sight, wish, below))
    return 0 if row is None else int(row.total)


def last_of(shown: Shown, wish: Wish, surface: Surface) -> Last:
    """Return what a cursor must name so that a list goes on after this row, as it was kept."""
    first, *further = (_value_of(shown, key, surface) for key in wish.by)
    return Last(first, shown.node.id, tuple(further))


def _value_of(shown: Shown, key: By, surface: Surface) -> str | int:
    node = shown.node
    if key.name:
        value = policy.decoded(shown.content or b"{}").get(key.name)
        if key.locale:
            value = value.get(key.locale) if isinstance(value, dict) else None
        return findable.spelled(value) or _absent(descending=key.descending)
    match key.order:
        case Order.SLUG:
            return node.slug
        case Order.CREATED_AT:
            return micros(node.created_at)
        case Order.UPDATED_AT:
            return micros(shown_at(shown, surface))


def _absent(*, descending: bool) -> str:
    """Return what a value that is absent is taken for: it comes last, whichever way round."""
    return findable.LOWEST if descending else findable.HIGHEST


def _all_told(tx: Connection, sight: Sight, wish: Wish, below: Tops | None) -> dict[str, Any]:
    published = sight.surface is Surface.DELIVERY
    told = {**sight.told, **wish.told, **wish.told_of_values, **_told(below)}
    if wish.where or any(key.name for key in wish.by):
        told["on_delivery"] = published
    if wish.query:
        told["sought"] = found_by.sought(tx, sight.organization, wish.query, published=published)
    return told


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
    by = [_key(shape, key, place) for place, key in enumerate(wish.keys)]
    beyond = [_beyond(by, wish.keys)] if after else []
    at = [key.label(f"at_{place}") for place, key in enumerate(by)]
    found = [each.where(*beyond) for each in _found(shape, wish, parts, nodes.c.id, *at)]
    if _led(wish, parts):
        # Planners would sooner look for the page along its order, and meet little there. Only in a
        # range of paths does SQLite see by itself what is less.
        within = union_all(*found).cte("within")
        within = within.prefix_with("MATERIALIZED", dialect="postgresql" if parts else "*")
        sought = select(within).order_by(*_ends(_ats(within, wish), within.c.id, wish))
    else:
        sought = found[0].order_by(*_ends(by, nodes.c.id, wish))
    page = sought.limit(bindparam("size")).offset(bindparam("offset")).subquery("page")
    ends = _ends(_ats(page, wish), page.c.id, wish)
    return Prepared(shown(shape).where(nodes.c.id == page.c.id).order_by(*ends))


def _ats(of: FromClause, wish: WishShape) -> list[ColumnElement[Any]]:
    return [of.c[f"at_{place}"] for place in range(len(wish.keys))]


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
    wished += [found_by.holding(place, op) for place, op in enumerate(wish.ops)]
    wished += [found_by.matching()] if wish.words else []
    return [each.where(*wished) for each in every]


def _led(wish: WishShape, parts: Parts) -> bool:
    """Say whether something leads to few rows: the tops of a range, or what the wish names."""
    return parts is not None or wish.led or not _DRIVERS.isdisjoint(wish.named)


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


def _key(shape: Shape, key: KeyShape, place: int) -> ColumnElement[Any]:
    if key.by_value:
        return found_by.sorting(place, _absent(descending=key.descending))
    return _column(shape, key.order)


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


def _beyond(by: Sequence[ColumnElement[Any]], keys: Sequence[KeyShape]) -> ColumnElement[bool]:
    """Return what comes after the last row: further by one key, where all before it are equal."""
    given = [bindparam(f"value_{place}", type_=key.type) for place, key in enumerate(by)]
    ways = [*(key.descending for key in keys), keys[-1].descending]
    ends = [*zip([*by, nodes.c.id], [*given, bindparam("last")], ways, strict=True)]
    return or_(
        *(
            and_(
                *(key == value for key, value, _ in ends[:place]),
                key < value if descending else key > value,
            )
            for place, (key, value, descending) in enumerate(ends)
        )
    )


def _ends(
    at: Sequence[ColumnElement[Any]], id_: ColumnElement[Any], wish: WishShape
) -> list[ColumnElement[Any]]:
    """Return the keys in their order, and the id the way of the last of them."""
    ways = [*(key.descending for key in wish.keys), wish.keys[-1].descending]
    return [
        key.desc() if descending else key for key, descending in zip([*at, id_], ways, strict=True)
    ]
