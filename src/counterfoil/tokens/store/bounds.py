"""What a token may do at most: in its columns, and out of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Row

from counterfoil.access.roots import Roots
from counterfoil.access.scope import NO_SCOPES, Scopes, join, split
from counterfoil.access.surface import NO_SURFACES, Surfaces
from counterfoil.kernel.ids import NodeId
from counterfoil.tokens.bounds import Bounds
from counterfoil.tokens.store import conditions

_NOTHING: Final = Bounds(NO_SCOPES, frozenset(), NO_SURFACES)


def bounds_columns(bounds: Bounds) -> dict[str, object]:
    """Return bounds as the columns in which grants and requests keep them."""
    scopes, custom = (None, ()) if bounds.scopes is None else split(bounds.scopes)
    return {
        "scope_mode": "inherit" if bounds.scopes is None else "explicit",
        "scopes": scopes,
        "custom": list(custom),
        "roots": None if bounds.roots is None else sorted(bounds.roots),
        "ceiling": None if bounds.ceiling is None else sorted(bounds.ceiling),
        "conditions": conditions.written(bounds.conditions),
        "surfaces": bounds.surfaces,
    }


def as_bounds(row: Row[Any]) -> Bounds:
    """Read bounds from the columns in which grants and requests keep them."""
    return read_bounds(
        scopes=row.scopes,
        custom=row.custom,
        roots=row.roots,
        surfaces=row.surfaces,
        ceiling=row.ceiling,
        kept=row.conditions,
    )


def read_bounds(
    *,
    scopes: Scopes | None,
    custom: Iterable[int],
    roots: Iterable[int] | None,
    surfaces: Surfaces,
    ceiling: Iterable[int] | None,
    kept: Mapping[str, Any] | None,
) -> Bounds:
    """Read bounds from what their columns hold."""
    return Bounds(
        scopes=None if scopes is None else join(scopes, custom),
        roots=_nodes(roots),
        surfaces=surfaces,
        ceiling=_nodes(ceiling),
        conditions=conditions.read(kept),
    )


def _nodes(ids: Iterable[int] | None) -> Roots:
    return None if ids is None else frozenset(NodeId(id_) for id_ in ids)


def bounds_at_all(row: Row[Any]) -> Bounds:
    """Read what somebody else has written: where that is no bounds, it is nothing."""
    try:
        found = as_bounds(row)
    except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError):
        return _NOTHING
    are_numbers = isinstance(row.scopes, int | None) and isinstance(row.surfaces, int)
    return found if are_numbers else _NOTHING
