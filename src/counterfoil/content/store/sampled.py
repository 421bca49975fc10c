"""The sample as rows: what was laid out here, and at which version of each thing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import Connection, Table, and_, delete, insert, or_, select, update

from counterfoil.content.model import ContentType, Node
from counterfoil.content.store.item_types import to_type
from counterfoil.content.store.rows import to_node
from counterfoil.content.store.tables import content_types, nodes, sample_nodes, sample_types
from counterfoil.kernel.ids import ContentTypeId, NodeId, OrganizationId

_EVERY: Final[tuple[Table, ...]] = (sample_nodes, sample_types)


def keep(
    tx: Connection,
    organization: OrganizationId,
    of_nodes: Mapping[NodeId, int],
    of_types: Mapping[ContentTypeId, int],
) -> None:
    """Say that this is what is laid out, each thing with its version, and nothing else is."""
    for table in _EVERY:
        tx.execute(delete(table).where(table.c.organization_id == organization))
    laid = ((sample_nodes, "node_id", of_nodes), (sample_types, "content_type_id", of_types))
    for table, column, found in laid:
        rows = [
            {"organization_id": organization, column: id_, "version": version}
            for id_, version in found.items()
        ]
        if rows:
            tx.execute(insert(table), rows)


def expect(tx: Connection, of: Node, version: int) -> None:
    """Say at which version a node of the sample counts as unchanged from now on."""
    tx.execute(
        update(sample_nodes)
        .where(sample_nodes.c.organization_id == of.organization, sample_nodes.c.node_id == of.id)
        .values(version=version)
    )


def laid_nodes(tx: Connection, organization: OrganizationId) -> list[tuple[Node, int]]:
    """Return the nodes that were laid out and stand, each with its version at that time.

    Those above come before those below them.
    """
    query = (
        select(nodes, sample_nodes.c.version.label("laid"))
        .join(
            sample_nodes,
            and_(
                sample_nodes.c.organization_id == nodes.c.organization_id,
                sample_nodes.c.node_id == nodes.c.id,
            ),
        )
        .where(nodes.c.organization_id == organization, nodes.c.live)
        .order_by(nodes.c.path)
    )
    return [(to_node(row), row.laid) for row in tx.execute(query)]


def laid_types(tx: Connection, organization: OrganizationId) -> list[tuple[ContentType, int]]:
    """Return the content types that were laid out, each with its version at that time."""
    query = (
        select(content_types, sample_types.c.version.label("laid"))
        .join(
            sample_types,
            and_(
                sample_types.c.organization_id == content_types.c.organization_id,
                sample_types.c.content_type_id == content_types.c.id,
            ),
        )
        .where(content_types.c.organization_id == organization)
        .order_by(content_types.c.api_key)
    )
    return [(to_type(row), row.laid) for row in tx.execute(query)]


def held(tx: Connection, organization: OrganizationId, ids: Collection[NodeId]) -> set[NodeId]:
    """Return those of some nodes under which something else stands, or to which a link points.

    What somebody else has in the trash under one counts: without that it could not be brought back.
    """
    ours = nodes.c.organization_id == organization
    laid = select(sample_nodes.c.node_id).where(sample_nodes.c.organization_id == organization)
    query = select(nodes.c.parent_id, nodes.c.target_id).where(
        ours, nodes.c.id.not_in(laid), or_(nodes.c.parent_id.in_(ids), nodes.c.target_id.in_(ids))
    )
    return {NodeId(id_) for row in tx.execute(query) for id_ in row if id_ in ids}


def used(tx: Connection, organization: OrganizationId, ids: Collection[ContentTypeId]) -> set[int]:
    """Return those of some content types that an entry is of, be it in the trash."""
    query = (
        select(nodes.c.content_type_id)
        .where(nodes.c.organization_id == organization, nodes.c.content_type_id.in_(ids))
        .distinct()
    )
    return set(tx.execute(query).scalars())
