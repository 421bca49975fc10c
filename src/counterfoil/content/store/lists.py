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
    and_,
    bindparam,
    func,
    select,
    union_all,
)

from counterfoil.access.surface import Surface
from counterfoil.content import findable, policy
from counterfoil.content.model import SEPARATOR, Kind, Shown
from counterfoil.content.store import along, found_by, keys
from counterfoil.content.store.seen import shown_at, to_shown
from counterfoil.content.store.tables import nodes
from counterfoil.content.store.tops import ALL, ASSETS, Tops, tops
from counterfoil.content.store.visible import Shape, Sight
from counterfoil.content.store.wish import By, Last, Order, Wish, WishShape
from counterfoil.content.store.wished import DRIVERS, hidden, wished
from counterfoil.kernel.clock import instant, micros
from counterfoil.runtime.prepared import Prepared

_SHAPES: Final = 512
_TOP: Final = nodes.alias("top")
_PAST: Final = chr(ord(SEPARATOR) + 1)
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
    if below is None and along.leads(wish):
        return [to_shown(row) for row in along.some(tx, sight.shape, wish, told, after)]
    query = _some(sight.shape, wish.shape, _parts(below), after=after is not None)
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
        return findable.spelled(value) or keys.absent(descending=key.descending)
    match key.order:
        case Order.SLUG:
            return node.slug
        case Order.CREATED_AT:
            return micros(node.created_at)
        case Order.UPDATED_AT:
            return micros(shown_at(shown, surface))


def _all_told(tx: Connection, sight: Sight, wish: Wish, below: Tops | None) -> dict[str, Any]:
    published = sight.surface is Surface.DELIVERY
    told = {**sight.told, **wish.told, **wish.told_of_values, **told_below(below)}
    if wish.where or any(key.name for key in wish.by):
        told |= {"on_delivery": published, "kept_type": int(wish.content_type or 0)}
    if wish.query:
        told["sought"] = found_by.sought(tx, sight.organization, wish.query, published=published)
    return told


def _below(tx: Connection, sight: Sight, wish: Wish) -> Tops | None:
    if wish.under is None and not DRIVERS.isdisjoint(wish.told):
        return None
    return tops(tx, sight, wish.kinds, wish.under)


def _parts(below: Tops | None) -> Parts:
    return None if below is None else tuple(below)


def told_below(below: Tops | None) -> dict[str, Any]:
    """Return what a statement over parts of the tree is told when it runs."""
    return {_ids(part): list(ids) for part, ids in (below or {}).items()}


def _ids(part: str) -> str:
    return f"below_{part}"


@lru_cache(maxsize=_SHAPES)
def _some(shape: Shape, wish: WishShape, parts: Parts, *, after: bool) -> Prepared:
    by = keys.columns(shape, wish.keys)
    past = [keys.beyond(by, wish.keys)] if after else []
    at = keys.labelled(by)
    found = [each.where(*past) for each in _found(shape, wish, parts, nodes.c.id, *at)]
    if _led(wish, parts):
        # Planners would sooner look for the page along its order, and meet little there. Only in a
        # range of paths does SQLite see by itself what is less.
        within = union_all(*found).cte("within")
        within = within.prefix_with("MATERIALIZED", dialect="postgresql" if parts else "*")
        sought = select(within).order_by(
            *keys.ends(keys.labels(within, wish.keys), within.c.id, wish.keys)
        )
    else:
        sought = found[0].order_by(*keys.ends(by, nodes.c.id, wish.keys))
    page = sought.limit(bindparam("size")).offset(bindparam("offset")).subquery("page")
    return Prepared(keys.in_order(shape, page, wish.keys))


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
        every = [ranged(part, *columns).where(passes) for part in parts]
    asked = wished(wish, led=_led(wish, parts))
    return [each.where(*asked) for each in every]


def _led(wish: WishShape, parts: Parts) -> bool:
    """Say whether something leads to few rows: the tops of a range, or what the wish names."""
    return parts is not None or wish.led or not DRIVERS.isdisjoint(wish.named)


def ranged(part: str, *columns: ColumnElement[Any]) -> Select[Any]:
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
            hidden(top.c.organization_id) == bindparam("organization"),
        )
    )
    if part == ALL:
        return found
    return found.where((nodes.c.kind == Kind.ASSET) == (part == ASSETS))
