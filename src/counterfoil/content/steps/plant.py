"""What the content of an organization begins with; steps of the operation that makes it."""

from __future__ import annotations

from counterfoil.content import entity
from counterfoil.content.model import ContentType, Hand, Kind, Node, below
from counterfoil.content.steps import writing
from counterfoil.content.store import item_types, rows
from counterfoil.kernel.ids import ContentTypeId, NodeId, OrganizationId
from counterfoil.operation import Work


def plant(work: Work, organization: OrganizationId) -> NodeId:
    """Make the root node of a new organization, of which all others are descendants."""
    hand = Hand(work.caller.user, work.caller.token)

    def made() -> Node:
        id_ = NodeId(work.new_id())
        return Node(
            organization=organization,
            id=id_,
            parent=None,
            kind=Kind.ROOT,
            slug="",
            path=below("/", id_),
            created_at=work.now,
            created=hand,
            updated_at=work.now,
            updated=hand,
        )

    root = rows.add(work.tx, made)
    work.emit(rows.placed(root))
    return root.id


def plant_catalog(work: Work) -> ContentType:
    """Define the content type whose entries are the catalog, which begins empty; or find it."""
    known = item_types.named(work.tx, work.caller.organization, entity.API_KEY)
    return known or writing.define(
        work,
        ContentTypeId(work.new_id()),
        entity.API_KEY,
        name=entity.NAME,
        schema_id=entity.SCHEMA_ID,
        body=entity.SCHEMA,
    )
