"""The first node of an organization, of which all others are descendants."""

from __future__ import annotations

from counterfoil.content import store
from counterfoil.content.model import Hand, Kind, Node, below
from counterfoil.kernel.ids import NodeId, OrganizationId
from counterfoil.operation import Work


def plant(work: Work, organization: OrganizationId) -> NodeId:
    """Make the root node of a new organization; a step of the operation that makes it."""
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

    root = store.add(work.tx, made)
    work.emit(store.placed(root))
    return root.id
