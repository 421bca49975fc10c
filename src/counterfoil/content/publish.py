"""Publishing: which version of an entry is on delivery, if any."""

from __future__ import annotations

from counterfoil.access.scope import Scope
from counterfoil.content import policy, schema
from counterfoil.content.model import Kind, Node, Status
from counterfoil.content.news import EntryTurned
from counterfoil.content.steps import finding, writing
from counterfoil.content.store import found_by, item_types, rows
from counterfoil.kernel.ids import NodeId
from counterfoil.kernel.version import require_version
from counterfoil.operation import ANY_CALLER, Work, operation


@operation("entry.publish", requires=Scope.CONTENT_PUBLISH, methods=ANY_CALLER)
def publish(work: Work, id_: NodeId, expected: int | None = None) -> Node:
    """Put an entry's draft on delivery, if it is as its content type says today."""
    rows.hold_tree(work.tx, work.caller.organization)
    node = finding.standing(work, id_)
    policy.require_kind(node, Kind.ENTRY)
    require_version(node.version, expected)
    if node.status is Status.PUBLISHED or node.draft is None or node.content_type is None:
        return node
    shape = item_types.content_type(work.tx, node.organization, node.content_type)
    draft = rows.version(work.tx, node, node.draft)
    schema.require_content(shape.body, policy.decoded(draft.content))
    return writing.deliver(work, node, draft.content)


@operation("entry.unpublish", requires=Scope.CONTENT_PUBLISH, methods=ANY_CALLER)
def unpublish(work: Work, id_: NodeId, expected: int | None = None) -> Node:
    """Take an entry off delivery; its draft stays."""
    rows.hold_tree(work.tx, work.caller.organization)
    node = finding.standing(work, id_)
    policy.require_kind(node, Kind.ENTRY)
    require_version(node.version, expected)
    if node.published is None:
        return node
    withdrawn = writing.touched(work, node.unpublished())
    rows.save(work.tx, withdrawn)
    found_by.drop(work.tx, withdrawn, published=True)
    work.announce(EntryTurned(node.organization, id_, published=False))
    return withdrawn
