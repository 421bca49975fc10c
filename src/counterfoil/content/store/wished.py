"""What a wish asks of a node, as a condition."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, String, and_, bindparam, func, select

from counterfoil.content.store import found_by
from counterfoil.content.store.tables import content_types, nodes
from counterfoil.content.store.wish import ESCAPE, WishShape

DRIVERS: Final = frozenset({"parent", "ids"})
"""Parts of a wish that name so few nodes that reading begins with them."""


def wished(wish: WishShape, *, led: bool) -> list[ColumnElement[bool]]:
    """Return all that is asked; `led` if something else leads to it."""
    asked = [_condition(name, led=led) for name in sorted(wish.named)]
    return [*asked, *valued(wish), *([found_by.matching()] if wish.words else [])]


def valued(wish: WishShape) -> list[ColumnElement[bool]]:
    """Return what is asked of values."""
    return [found_by.holding(place, op) for place, op in enumerate(wish.ops)]


def hidden(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the same value, of which no index knows.

    What leads a list to its rows is chosen here. Without figures of its own SQLite takes any
    organization, kind or type for a handful, and would sooner read all of these.
    """
    return column + ("" if isinstance(column.type, String) else 0)


def _condition(name: str, *, led: bool) -> ColumnElement[bool]:
    """Return what a part of a wish asks of a node; `led` if something else leads to it."""
    match name:
        case "kinds":
            kind = hidden(nodes.c.kind) if led else nodes.c.kind
            return kind.in_(bindparam("kinds", expanding=True))
        case "parent":  # its second half is what the index of children is made for
            return and_(nodes.c.parent_id == bindparam("parent"), nodes.c.trashed_at.is_(None))
        case "ids":
            return nodes.c.id.in_(bindparam("ids", expanding=True))
        case "slug":
            return func.lower(nodes.c.slug).like(bindparam("slug"), escape=ESCAPE)
    is_named = (
        content_types.c.id == bindparam("type_id")
        if name == "type_id"
        else content_types.c.api_key == bindparam("api_key")
    )
    named = select(content_types.c.id).where(
        content_types.c.organization_id == bindparam("organization"), is_named
    )
    type_ = hidden(nodes.c.content_type_id) if led else nodes.c.content_type_id
    return type_ == named.scalar_subquery()
