"""Looking up what somebody names, by statements that tell nothing of what lies outside their roots.

Who is restricted hears one refusal of the unknown and of the outside. The look-up must not tell
them apart either, by how long it takes: the same statements run for both, and bring back no row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, select

from counterfoil.content.model import SEPARATOR, Node
from counterfoil.content.store import rows
from counterfoil.content.store.tables import nodes
from counterfoil.content.store.tops import tops
from counterfoil.content.store.visible import Sight, under
from counterfoil.kernel.ids import NodeId, OrganizationId

Limits = tuple[frozenset[NodeId], ...]
"""A caller's own restrictions, as `Grant.limits` holds them."""

_SHAPES: Final = 16
_SQL_VARIABLES: Final = 500


def node(tx: Connection, organization: OrganizationId, limits: Limits, id_: NodeId) -> Node | None:
    """Return the node of this organization within all these limits, also a trashed one."""
    told = {_limit(place): sorted(roots) for place, roots in enumerate(limits)}
    row = tx.execute(_node(len(limits)), {**told, "organization": organization, "id": id_}).first()
    return None if row is None else rows.to_node(row)


def start(
    tx: Connection, sight: Sight, slugs: tuple[str, ...]
) -> tuple[NodeId, tuple[str, ...]] | None:
    """Return from which node the way to an address goes on in sight, and the rest of the way.

    It is the topmost on the way of those below which the caller may see something. What is looked
    up does not depend on the address.
    """
    found = tops(tx, sight, (), None)
    if found is None:
        top = rows.root(tx, sight.organization)
        return None if top is None else (top.id, slugs)
    addresses = _addresses(tx, sight.organization, {id_ for ids in found.values() for id_ in ids})
    for id_, address in sorted(addresses.items(), key=lambda each: len(each[1])):
        if slugs[: len(address)] == address:
            return id_, slugs[len(address) :]
    return None


def _addresses(
    tx: Connection, organization: OrganizationId, ids: Iterable[NodeId]
) -> Mapping[NodeId, tuple[str, ...]]:
    """Return the slugs that lead to each of these nodes from the top, whose own is none of them."""
    paths = {
        row.id: [int(part) for part in row.path.split(SEPARATOR) if part]
        for row in _rows(tx, organization, ids)
    }
    named = {id_ for path in paths.values() for id_ in path}
    slugs = {row.id: row.slug for row in _rows(tx, organization, named)}
    return {NodeId(id_): tuple(slugs[one] for one in path[1:]) for id_, path in paths.items()}


def _rows(tx: Connection, organization: OrganizationId, ids: Iterable[int]) -> list[Any]:
    wanted = sorted(ids)
    found: list[Any] = []
    for first in range(0, len(wanted), _SQL_VARIABLES):
        told = {"organization": organization, "ids": wanted[first : first + _SQL_VARIABLES]}
        found += tx.execute(_NAMED, told)
    return found


_NAMED: Final = select(nodes.c.id, nodes.c.path, nodes.c.slug).where(
    nodes.c.organization_id == bindparam("organization"),
    nodes.c.id.in_(bindparam("ids", expanding=True)),
)


@lru_cache(maxsize=_SHAPES)
def _node(limits: int) -> Select[Any]:
    return select(nodes).where(
        nodes.c.organization_id == bindparam("organization"),
        nodes.c.id == bindparam("id"),
        *(under(nodes, _limit(place)) for place in range(limits)),
    )


def _limit(place: int) -> str:
    return f"limit_{place}"
