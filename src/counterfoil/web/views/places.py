"""Where root nodes stand, as far as who looks sees them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from counterfoil.access.roots import Roots
from counterfoil.access.scope import Scope
from counterfoil.content.model import SEPARATOR
from counterfoil.content.read import Listing, list_nodes, show_lineage
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import NodeId
from counterfoil.operation import Work


@dataclass(frozen=True, slots=True)
class Place:
    """A root node; `path` is empty where who looks does not see it, or where it is gone.

    `nodes` is how many stand in and under it; None where nobody counted.
    """

    id: str
    path: str
    nodes: int | None = None


def placed(work: Work, roots: Roots, *, counted: bool = False) -> tuple[Place, ...] | None:
    """Return where roots stand, in the order of their addresses; None for everywhere."""
    if roots is None:
        return None
    reads = bool(work.caller.grant.scopes & Scope.CONTENT_READ.bit)
    found = [Place(str(root), _path(work, root) if reads else "") for root in roots]
    if counted:
        found = [replace(one, nodes=_nodes(work, one)) for one in found]
    return tuple(sorted(found, key=lambda one: (one.path, one.id)))


def _nodes(work: Work, place: Place) -> int | None:
    """Return how many nodes stand in and under a place that is seen."""
    if not place.path:
        return None
    return list_nodes(work, Listing(under=NodeId(int(place.id)), size=1)).total


def _path(work: Work, root: NodeId) -> str:
    try:
        above = show_lineage(work, root)
    except CounterfoilError:
        return ""
    return SEPARATOR + SEPARATOR.join(one.node.slug for one in above if one.node.slug)
