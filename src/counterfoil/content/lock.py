"""Locking a node, so that nobody else changes it meanwhile, and releasing it (Q14)."""

from __future__ import annotations

from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.content.latch import Lock, Thing
from counterfoil.content.model import Kind, Node
from counterfoil.content.steps import finding, locking
from counterfoil.content.steps.sight import seen, sight_on
from counterfoil.content.store import rows
from counterfoil.kernel.errors import Code, NotFound
from counterfoil.kernel.ids import NodeId, Prefix, spell
from counterfoil.operation import ANY_CALLER, Work, operation


@operation("node.lock", requires=Scope.CONTENT_WRITE, methods=ANY_CALLER)
def lock_node(work: Work, id_: NodeId) -> Lock:
    """Lock a node, or keep it locked: for as long as the policy says, or until it is released."""
    return _taken(work, id_)


@operation("asset.lock", requires=Scope.ASSETS_WRITE, methods=ANY_CALLER)
def lock_asset(work: Work, id_: NodeId) -> Lock:
    """Lock an asset, as who may write assets alone."""
    return _taken(work, id_)


@operation("node.release", requires=Scope.CONTENT_WRITE, methods=ANY_CALLER)
def release_node(work: Work, id_: NodeId) -> None:
    """Release a node: one's own lock, or anybody's with `policy:manage`."""
    _released(work, id_)


@operation("asset.release", requires=Scope.ASSETS_WRITE, methods=ANY_CALLER)
def release_asset(work: Work, id_: NodeId) -> None:
    """Release an asset, as who may write assets alone."""
    _released(work, id_)


def as_asset(work: Work, id_: NodeId) -> bool:
    """Say whether a node is locked and released as an asset: by `assets:write` alone.

    Who holds but one of the two scopes is judged by that, whatever the node is: so what they are
    told tells nothing of a node that they do not see.
    """
    held = work.caller.grant.scopes
    if not (held & Scope.ASSETS_WRITE.bit and held & Scope.CONTENT_WRITE.bit):
        return bool(held & Scope.ASSETS_WRITE.bit)
    node = finding.named(work, id_)
    return node is not None and node.kind is Kind.ASSET


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


def _taken(work: Work, id_: NodeId) -> Lock:
    rows.hold_tree(work.tx, work.caller.organization)
    node = finding.standing(work, id_)
    _require_written(work, node)
    return locking.take(work, Thing.NODE, node.id)


def _released(work: Work, id_: NodeId) -> None:
    rows.hold_tree(work.tx, work.caller.organization)
    node = finding.reached(work, id_)
    _require_written(work, node)
    locking.release(work, Thing.NODE, node.id)


def _require_written(work: Work, node: Node) -> None:
    """Return if the caller may write what is no asset."""
    if node.kind is not Kind.ASSET:
        work.caller.grant.permit(Scope.CONTENT_WRITE, node.place)
