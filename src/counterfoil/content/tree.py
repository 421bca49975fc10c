"""The shape of the tree: folders and links, moving, renaming, the trash and back."""

from __future__ import annotations

from dataclasses import replace

from counterfoil.access.scope import Scope
from counterfoil.audit.changes import Facts
from counterfoil.content import policy
from counterfoil.content.latch import Thing
from counterfoil.content.model import SEPARATOR, Kind, Node, below
from counterfoil.content.steps import finding, locking, writing
from counterfoil.content.store import rows, subtree
from counterfoil.kernel.errors import Code, Conflict, Denied, NotFound
from counterfoil.kernel.ids import NodeId, Prefix, spell
from counterfoil.kernel.version import require_version
from counterfoil.operation import ANY_CALLER, Work, operation


@operation("node.create_folder", requires=Scope.CONTENT_WRITE, methods=ANY_CALLER)
def create_folder(work: Work, parent: NodeId, slug: str) -> Node:
    """Make a folder."""
    rows.hold_tree(work.tx, work.caller.organization)
    under = finding.named_parent(work, parent)
    policy.require_slug(slug)
    return writing.put(work, under, Kind.FOLDER, slug)


@operation("node.create_link", requires=Scope.CONTENT_WRITE, methods=ANY_CALLER)
def create_link(work: Work, parent: NodeId, slug: str, target: NodeId) -> Node:
    """Make a link to a node that stands elsewhere and that the caller may read."""
    rows.hold_tree(work.tx, work.caller.organization)
    under = finding.named_parent(work, parent)
    policy.require_slug(slug)
    policy.require_target(finding.named_target(work, target))
    return writing.put(work, under, Kind.LINK, slug, target=target)


@operation("node.move", requires=Scope.CONTENT_WRITE, methods=ANY_CALLER)
def move(
    work: Work,
    id_: NodeId,
    to: NodeId,
    slug: str | None = None,
    expected: int | None = None,
    *,
    kind: Kind | None = None,
) -> Node:
    """Move a node with all that stands under it; it takes the right to write at both ends (S28)."""
    rows.hold_tree(work.tx, work.caller.organization)
    node = finding.standing(work, id_)
    if kind is not None:
        policy.require_kind(node, kind)
    under = finding.named_parent(work, to, id_)
    require_version(node.version, expected)
    policy.require_below_top(node)
    _above(work, node)
    policy.require_no_loop(node, under)
    moved = replace(writing.renamed(node, slug), parent=under.id, path=below(under.path, node.id))
    if moved == node:
        return node
    _assets_too(work, node, node, under)
    locking.require_unlocked_below(work, node)
    deepest = subtree.deepest(work.tx, node.organization, node.path)
    levels = 1 + (deepest - len(node.path)) // (len(str(node.id)) + len(SEPARATOR))
    policy.require_parent(under, levels)
    subtree.move_subtree(work.tx, node.organization, node.path, moved.path)
    moved = writing.touched(work, moved)
    rows.save(work.tx, moved)
    _tell_place(work, node, moved)
    if moved.parent != node.parent and moved.kind is not Kind.LINK:
        work.emit(rows.placed(moved))
    return moved


@operation("node.rename", requires=Scope.CONTENT_WRITE, methods=ANY_CALLER)
def rename(work: Work, id_: NodeId, slug: str, expected: int | None = None) -> Node:
    """Give a node another slug."""
    rows.hold_tree(work.tx, work.caller.organization)
    node = finding.standing(work, id_)
    require_version(node.version, expected)
    policy.require_below_top(node)
    _above(work, node)
    renamed = writing.renamed(node, slug)
    if renamed == node:
        return node
    renamed = writing.touched(work, renamed)
    rows.save(work.tx, renamed)
    _tell_place(work, node, renamed)
    return renamed


@operation("node.trash", requires=Scope.CONTENT_DELETE, methods=ANY_CALLER)
def trash(work: Work, id_: NodeId, expected: int | None = None, kind: Kind | None = None) -> Node:
    """Put a node and all that stands under it into the trash: no root covers them there."""
    rows.hold_tree(work.tx, work.caller.organization)
    node = finding.standing(work, id_)
    if kind is not None:
        policy.require_kind(node, kind)
    require_version(node.version, expected)
    policy.require_below_top(node)
    _above(work, node)
    _assets_too(work, node, node)
    locking.require_unlocked_below(work, node)
    return writing.sink(work, node)


@operation("node.restore", requires=Scope.CONTENT_DELETE, methods=ANY_CALLER)
def restore(work: Work, id_: NodeId) -> Node:
    """Bring a node back from the trash to where it stood, with all that went with it.

    It is judged at its parent, since nothing covers the node itself; so a parent in the trash is
    brought back first.
    """
    rows.hold_tree(work.tx, work.caller.organization)
    node = finding.named(work, id_)
    if node is None or node.parent is None or node.trashed_at is None:
        node = finding.standing(work, id_)
        raise Conflict(detail="It is not in the trash.")
    under = finding.parent(work, node.parent, id_)
    _assets_too(work, node, under)
    locking.require_unlocked(work, Thing.NODE, node.id)
    if node.target is not None:
        finding.readable(work, node.target)
    restored = replace(writing.touched(work, node), trashed_at=None, live=True)
    rows.save(work.tx, restored)
    subtree.raise_again(work.tx, node.organization, node.path)
    work.emit(rows.placed(restored))
    return restored


def _tell_place(work: Work, before: Node, after: Node) -> None:
    """Have on record where a node stood, and where it stands (X2)."""
    work.changed(spell(Prefix.NODE, after.id), lambda: (_place(before), _place(after)))


def _place(node: Node) -> Facts:
    parent = None if node.parent is None else spell(Prefix.NODE, node.parent)
    return {"slug": node.slug, "parent": parent}


def _assets_too(work: Work, top: Node, *at: Node) -> None:
    """Return if no asset goes with a node, or the caller may write assets at these places."""
    if subtree.holds_assets(work.tx, top.organization, top.path, live=top.live):
        for node in at:
            work.caller.grant.permit(Scope.ASSETS_WRITE, node.place)


def _above(work: Work, node: Node) -> None:
    """Return if the caller may do this where the node stands too: its parent's children change.

    Whoever comes by here sees the node, so what they may not do there is denied, not unknown.
    """
    try:
        work.permit(on=node.place - {node.id}, target=spell(Prefix.NODE, node.id))
    except NotFound:
        raise Denied(
            Code.INSUFFICIENT_ROLE, "The role behind this credential ends at this node."
        ) from None
