"""Locking a node, so that nobody else changes it meanwhile, and releasing it (Q14)."""

from __future__ import annotations

from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.content import locking, steps
from counterfoil.content.latch import Lock, Thing
from counterfoil.content.sight import seen, sight_on
from counterfoil.content.store import rows
from counterfoil.kernel.errors import Code, NotFound
from counterfoil.kernel.ids import NodeId, Prefix, spell
from counterfoil.operation import ANY_CALLER, Work, operation


@operation("node.lock", requires=Scope.CONTENT_WRITE, methods=ANY_CALLER)
def lock_node(work: Work, id_: NodeId) -> Lock:
    """Lock a node, or keep it locked: for 30 minutes, or until it is released."""
    rows.hold_tree(work.tx, work.caller.organization)
    node = steps.standing(work, id_)
    return locking.take(work, Thing.NODE, node.id)


@operation("node.release", requires=Scope.CONTENT_WRITE, methods=ANY_CALLER)
def release_node(work: Work, id_: NodeId) -> None:
    """Release a node: one's own lock, or anybody's with `policy:manage`."""
    rows.hold_tree(work.tx, work.caller.organization)
    node = steps.reached(work, id_)
    locking.release(work, Thing.NODE, node.id)


@operation("node.show_lock", requires=Scope.CONTENT_READ, methods=ANY_CALLER, reads=True)
def show_node_lock(work: Work, id_: NodeId) -> Lock:
    """Show who has locked a node.

    Raises:
        NotFound: if nobody has.
    """
    work.permit(target=spell(Prefix.NODE, id_))
    node = seen(work, sight_on(work, Surface.MANAGEMENT), id_).node
    lock = locking.lock_on(work, Thing.NODE, node.id)
    if lock is None:
        raise NotFound(Code.NOT_FOUND, "Nobody has locked it.")
    return lock
