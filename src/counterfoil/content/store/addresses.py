"""Where nodes stand, in the words of people: `/site/blog/hello`."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from counterfoil.access.roots import Lineage
from counterfoil.content.model import SEPARATOR, ids_of
from counterfoil.content.store.rows import child
from counterfoil.content.store.tables import nodes
from counterfoil.kernel.ids import NodeId, OrganizationId


def addresses(
    tx: Connection, organization: OrganizationId, ids: Iterable[NodeId]
) -> dict[NodeId, tuple[str, Lineage]]:
    """Return the address and the lineage of each of these nodes that stands in the tree."""
    ours = nodes.c.organization_id == organization
    wanted = select(nodes.c.id, nodes.c.path).where(ours, nodes.c.live, nodes.c.id.in_(list(ids)))
    paths = {NodeId(row.id): row.path for row in tx.execute(wanted)}
    above = frozenset[NodeId]().union(*map(ids_of, paths.values()))
    named = select(nodes.c.id, nodes.c.slug).where(ours, nodes.c.id.in_(above))
    slugs = {NodeId(row.id): row.slug for row in tx.execute(named)}
    return {id_: (_spelled(path, slugs), ids_of(path)) for id_, path in paths.items()}


def _spelled(path: str, slugs: dict[NodeId, str]) -> str:
    steps = (slugs[NodeId(int(part))] for part in path.split(SEPARATOR) if part)
    return SEPARATOR + SEPARATOR.join(step for step in steps if step)


def stands_at(
    tx: Connection, organization: OrganizationId, root: NodeId, path: str
) -> NodeId | None:
    """Return which node stands at an address of slugs, from the tree's root down; None for none."""
    here = root
    for slug in (part for part in path.split(SEPARATOR) if part):
        found = child(tx, organization, here, slug)
        if found is None:
            return None
        here = found.id
    return here
