"""Lists in the order of a property: read along the index of its values, a page at a time.

What has a value comes in its order, and then what has none. So a page costs what it shows, however
many entries there are; only the first entries without a value are looked for among all of a type.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, exists, func, select

from counterfoil.content.model import Kind
from counterfoil.content.store import keys
from counterfoil.content.store.tables import nodes, values
from counterfoil.content.store.visible import Shape
from counterfoil.content.store.wish import Last, Wish, WishShape
from counterfoil.content.store.wished import DRIVERS, valued, wished
from counterfoil.runtime.prepared import Prepared

_SHAPES: Final = 256
_KEPT: Final = values.alias("sorted_along")


def leads(wish: Wish) -> bool:
    """Say whether the order of a property leads to what is wished for, and nothing better does."""
    by_value = bool(wish.by[0].name) and (wish.content_type or "").isdecimal()
    better = wish.shape.led or not DRIVERS.isdisjoint(wish.told)
    return by_value and not better and (not wish.kinds or Kind.ENTRY in wish.kinds)


def some(
    tx: Connection, shape: Shape, wish: Wish, told: Mapping[str, Any], after: Last | None
) -> list[Any]:
    """Return the rows of a page of the whole tree, after a row that may have had no value."""
    past = after is not None
    lacking = after is not None and after.value == keys.absent(descending=wish.by[0].descending)
    found: list[Any] = []
    rest = dict(told)
    if not lacking:
        found = _valued(shape, wish.shape, past=past).all(tx, told)
        if len(found) == told["size"]:
            return found
        rest["size"] -= len(found)
        if told["offset"]:
            row = _counted(shape, wish.shape, past=past).first(tx, told)
            rest["offset"] = max(0, told["offset"] - (row.total if row else 0))
    return found + _valueless(shape, wish.shape, past=lacking).all(tx, rest)


@lru_cache(maxsize=_SHAPES)
def _valued(shape: Shape, wish: WishShape, *, past: bool) -> Prepared:
    """Prepare what looks for entries with a value."""
    by = [_KEPT.c.value, *keys.columns(shape, wish.keys, 1)]
    found = _along(shape, wish, _KEPT.c.node_id.label("id"), *keys.labelled(by), past=past)
    sought = found.order_by(*keys.ends(by, _KEPT.c.node_id, wish.keys))
    page = sought.limit(bindparam("size")).offset(bindparam("offset")).subquery("page")
    return Prepared(keys.in_order(shape, page, wish.keys))


@lru_cache(maxsize=_SHAPES)
def _counted(shape: Shape, wish: WishShape, *, past: bool) -> Prepared:
    """Prepare what counts them."""
    return Prepared(_along(shape, wish, func.count().label("total"), past=past))


def _along(shape: Shape, wish: WishShape, *columns: ColumnElement[Any], past: bool) -> Select[Any]:
    placed = _KEPT.join(
        nodes,
        and_(nodes.c.organization_id == _KEPT.c.organization_id, nodes.c.id == _KEPT.c.node_id),
    )
    named = (
        _KEPT.c.organization_id == bindparam("organization"),
        _KEPT.c.content_type_id == bindparam("kept_type"),
        *_of_property(),
    )
    asked = [shape.seen(links=False), *valued(wish)]  # what has a value is an entry of its type
    found = select(*columns).select_from(placed).where(*named, *asked)
    if not past:
        return found
    by = [_KEPT.c.value, *keys.columns(shape, wish.keys, 1)]
    last = bindparam("value_0", type_=_KEPT.c.value.type)
    begins = _KEPT.c.value <= last if wish.keys[0].descending else _KEPT.c.value >= last
    return found.where(begins, keys.beyond(by, wish.keys))  # the first is what an index sees


@lru_cache(maxsize=_SHAPES)
def _valueless(shape: Shape, wish: WishShape, *, past: bool) -> Prepared:
    """Prepare what looks for entries without a value, which are sorted by the other keys."""
    by = keys.columns(shape, wish.keys, 1)
    has_one = exists().where(
        _KEPT.c.organization_id == nodes.c.organization_id,
        _KEPT.c.node_id == nodes.c.id,
        *_of_property(),
    )
    asked = [shape.seen(links=wish.links), *wished(wish, led=False), ~has_one.correlate(nodes)]
    found = select(nodes.c.id, *keys.labelled(by, 1)).where(*asked)
    if past:
        found = found.where(keys.beyond(by, wish.keys, 1))
    sought = found.order_by(*keys.ends(by, nodes.c.id, wish.keys, 1))
    page = sought.limit(bindparam("size")).offset(bindparam("offset")).subquery("page")
    return Prepared(keys.in_order(shape, page, wish.keys, 1))


def _of_property() -> tuple[ColumnElement[bool], ...]:
    return (
        _KEPT.c.published == bindparam("on_delivery"),
        _KEPT.c.name == bindparam("sorted_name_0"),
        _KEPT.c.locale == bindparam("sorted_locale_0"),
    )
