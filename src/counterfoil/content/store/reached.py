"""How much of the tree a grant comes to: counted below its roots, and no further than so far.

It is counted by the condition under which each node is seen (`visible`), so that what is said of a
grant is what its requests find. What lies outside the roots is not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sqlalchemy import Connection, Select, bindparam, distinct, func, select, union_all

from counterfoil.access.grant import Grant
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.content.store import item_types
from counterfoil.content.store.lists import Parts, ranged, told_below
from counterfoil.content.store.tables import nodes
from counterfoil.content.store.tops import tops
from counterfoil.content.store.visible import Shape, Sight
from counterfoil.kernel.ids import OrganizationId

FAR: Final = 10_000
"""So many nodes are looked at: a form that is being filled in asks at each change."""

_SHAPES: Final = 128
_WIDEST: Final = (Surface.MANAGEMENT, Surface.PREVIEW, Surface.DELIVERY)
_LISTING: Final = Surface.PREVIEW.bit | Surface.DELIVERY.bit
_NEEDED: Final = (
    nodes.c.id,
    nodes.c.organization_id,
    nodes.c.path,
    nodes.c.kind,
    nodes.c.live,
    nodes.c.published,
    nodes.c.target_id,
    nodes.c.content_type_id,
)


@dataclass(frozen=True, slots=True)
class Reached:
    """What a grant comes to in an organization.

    Attributes:
        types: how many content types it can list, or meets entries of.
        nodes: how many nodes it sees, on the surface that shows it most.
        all_types: whether there are no more of them than that; `all_nodes` too.
    """

    types: int = 0
    nodes: int = 0
    all_types: bool = True
    all_nodes: bool = True


def reached(tx: Connection, organization: OrganizationId, grant: Grant, far: int = FAR) -> Reached:
    """Count what a grant comes to, looking at so many nodes at most."""
    surface = next((one for one in _WIDEST if grant.surfaces & one.bit), None)
    if surface is None:
        return Reached()
    types, seen, looked = _met(tx, Sight(organization, grant, surface), far)
    whole = looked <= far
    if _lists_types(grant):
        return Reached(item_types.count(tx, organization), min(seen, far), all_nodes=whole)
    return Reached(types, min(seen, far), all_types=whole, all_nodes=whole)


def _lists_types(grant: Grant) -> bool:
    """Say whether it is shown every content type: by its scope, or for it reads everywhere."""
    manages = grant.surfaces & Surface.MANAGEMENT.bit
    if manages and grant.scopes & Scope.CONTENT_TYPES_READ.bit:
        return True
    return bool(grant.surfaces & _LISTING) and grant.spans(Scope.CONTENT_READ)


def _met(tx: Connection, sight: Sight, far: int) -> tuple[int, int, int]:
    """Return how many types are met, how many nodes are seen, and how many were looked at."""
    below = tops(tx, sight, (), None)
    if below == {}:
        return 0, 0, 0
    told = {**sight.told, **told_below(below), "far": far + 1}
    row = tx.execute(_count(sight.shape, None if below is None else tuple(below)), told).one()
    return row.types, row.seen, row.looked


@lru_cache(maxsize=_SHAPES)
def _count(shape: Shape, parts: Parts) -> Select[int, int, int]:
    if parts is None:
        here = select(*_NEEDED).where(nodes.c.organization_id == bindparam("organization"))
        within = here.limit(bindparam("far")).subquery("within")
        passes = shape.seen(within)
    else:
        found = union_all(*(ranged(part, *_NEEDED) for part in parts))
        within = found.limit(bindparam("far")).subquery("within")
        passes = shape.passes(within)
    weighed = select(within.c.content_type_id, passes.label("passes")).subquery("weighed")
    return select(
        func.count().label("looked"),
        func.count().filter(weighed.c.passes).label("seen"),
        func.count(distinct(weighed.c.content_type_id)).filter(weighed.c.passes).label("types"),
    ).select_from(weighed)
