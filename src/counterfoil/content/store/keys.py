"""What lists are sorted by: columns and values of properties, and what comes after a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, bindparam, case, func, or_

from counterfoil.access.surface import Surface
from counterfoil.content import findable
from counterfoil.content.model import Kind
from counterfoil.content.store import found_by
from counterfoil.content.store.seen import shown
from counterfoil.content.store.tables import nodes
from counterfoil.content.store.visible import Shape
from counterfoil.content.store.wish import KeyShape, Order


def absent(*, descending: bool) -> str:
    """Return what a value that is absent is taken for: it comes last, whichever way round."""
    return findable.LOWEST if descending else findable.HIGHEST


def columns(shape: Shape, keys: Sequence[KeyShape], start: int = 0) -> list[ColumnElement[Any]]:
    """Return what a node is sorted by, from the place `start` on."""
    return [_column_of(shape, key, place) for place, key in enumerate(keys[start:], start)]


def labelled(by: Sequence[ColumnElement[Any]], start: int = 0) -> list[ColumnElement[Any]]:
    """Return the same under names by which they are found again: `at_0`, `at_1` and so on."""
    return [key.label(f"at_{place}") for place, key in enumerate(by, start)]


def labels(of: FromClause, keys: Sequence[KeyShape], start: int = 0) -> list[ColumnElement[Any]]:
    """Return what `labelled` named."""
    return [of.c[f"at_{place}"] for place in range(start, len(keys))]


def in_order(
    shape: Shape, page: FromClause, keys: Sequence[KeyShape], start: int = 0
) -> Select[Any]:
    """Look up what a page of ids names, in its order."""
    at = labels(page, keys, start)
    whole = shown(shape).where(nodes.c.id == page.c.id)
    return whole.order_by(*ends(at, page.c.id, keys, start))


def _column_of(shape: Shape, key: KeyShape, place: int) -> ColumnElement[Any]:
    if key.by_value:
        return found_by.sorting(place, absent(descending=key.descending))
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


def beyond(
    by: Sequence[ColumnElement[Any]], keys: Sequence[KeyShape], start: int = 0
) -> ColumnElement[bool]:
    """Return what comes after the last row: further by one key, where all before it are equal.

    Args:
        by: what is sorted by, from the place `start` on.
        keys: all keys.
        start: how many places are passed over, in which all nodes are equal.
    """
    given = [bindparam(f"value_{place}", type_=key.type) for place, key in enumerate(by, start)]
    ways = [*(key.descending for key in keys[start:]), keys[-1].descending]
    told = [*zip([*by, nodes.c.id], [*given, bindparam("last")], ways, strict=True)]
    return or_(
        *(
            and_(
                *(key == value for key, value, _ in told[:place]),
                key < value if descending else key > value,
            )
            for place, (key, value, descending) in enumerate(told)
        )
    )


def ends(
    at: Sequence[ColumnElement[Any]],
    id_: ColumnElement[Any],
    keys: Sequence[KeyShape],
    start: int = 0,
) -> list[ColumnElement[Any]]:
    """Return the keys in their order, and the id the way of the last of them: see `beyond`."""
    ways = [*(key.descending for key in keys[start:]), keys[-1].descending]
    return [
        key.desc() if descending else key for key, descending in zip([*at, id_], ways, strict=True)
    ]
