"""The restored tree is told which nodes had moved or gone after the copy was made (R12).

A token that is bound by roots must not reach by the copy what left its roots since. So what moved
stands where it had moved to, or lies in the trash where the copy knows no such place; and what was
trashed or destroyed lies in the trash.
"""

from __future__ import annotations

from dataclasses import replace

from counterfoil.access.caller import Method
from counterfoil.content.model import Kind, Node, below
from counterfoil.content.store import rows, subtree
from counterfoil.feed.event import NodePlaced, NodeRemoved
from counterfoil.kernel.ids import NodeId, Prefix, spell
from counterfoil.operation import Work, operation


@operation("node.retell", requires=None, methods=frozenset({Method.SYSTEM}), surface=None)
def retell(work: Work, event: NodePlaced | NodeRemoved, why: str) -> None:
    """Bring a node to where an event says that it had come; no more of it is known."""
    here = work.caller.organization
    work.permit(target=spell(Prefix.NODE, event.node))
    work.note(why)
    rows.hold_tree(work.tx, here)
    found = rows.nodes_named(work.tx, here, [NodeId(event.node)])
    if not found or found[0].parent is None:
        return
    (node,) = found
    if isinstance(event, NodeRemoved):
        _sink(work, node)
    elif node.kind is not Kind.LINK and node.parent != event.parent:
        _move(work, node, event.parent)


def _move(work: Work, node: Node, to: int | None) -> None:
    found = rows.nodes_named(work.tx, node.organization, [NodeId(to or 0)])
    under = found[0] if found else None
    stands = under is not None and under.live and not under.path.startswith(node.path)
    taken = under and rows.child(work.tx, node.organization, under.id, node.slug)
    if under is None or not stands or taken:
        _sink(work, node)
        return
    moved = replace(
        node, parent=under.id, path=below(under.path, node.id), version=node.version + 1
    )
    subtree.move_subtree(work.tx, node.organization, node.path, moved.path)
    rows.save(work.tx, moved)


def _sink(work: Work, node: Node) -> None:
    if node.trashed_at is None:
        sunk = replace(node, trashed_at=work.now, live=False, version=node.version + 1)
        rows.save(work.tx, sunk)
    subtree.sink(work.tx, node.organization, node.path)
