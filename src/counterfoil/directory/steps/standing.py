"""Where nodes stand: those of the organization's content, and those of the trees of its APIs."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from counterfoil import content
from counterfoil.access.roots import NOWHERE, Lineage
from counterfoil.directory.store.routed import resource_lineages
from counterfoil.kernel.ids import NodeId, OrganizationId


def lineage(tx: Connection, organization: OrganizationId, id_: NodeId) -> Lineage:
    """Return a node and all its ancestors; NOWHERE for what stands in no tree here."""
    return lineages(tx, organization, (id_,)).get(id_, NOWHERE)


def lineages(
    tx: Connection, organization: OrganizationId, ids: Iterable[NodeId]
) -> dict[NodeId, Lineage]:
    """Return the lineage of each of these nodes, NOWHERE included."""
    found = content.lineages(tx, organization, ids)
    others = [id_ for id_, where in found.items() if not where]
    return found | resource_lineages(tx, organization, others) if others else found
