"""Finding a node, being permitted on it, and what is to be seen of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from counterfoil.access.roots import NOWHERE, Lineage
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.content.agenda import Schedule
from counterfoil.content.latch import Thing
from counterfoil.content.model import (
    Kind,
    Node,
    Revision,
    Shown,
)
from counterfoil.content.steps import locking
from counterfoil.content.steps.weave import woven
from counterfoil.content.store import inside, rows, schedules, seen, trash, versions
from counterfoil.content.store.visible import Sight
from counterfoil.kernel.errors import Code, Invalid, NotFound
from counterfoil.kernel.ids import NodeId, Prefix, spell
from counterfoil.operation import Work


def named(work: Work, id_: NodeId) -> Node | None:
    """Return the node of this id, also a trashed one; None outside the caller's restriction too.

    What was destroyed is none, be it wiped by now or not.
    """
    here = work.caller.organization
    node = inside.node(work.tx, here, work.caller.grant.limits, id_)
    if node is not None and node.trashed_at is not None and trash.is_doomed(work.tx, here, id_):
        return None
    return node


def standing(work: Work, id_: NodeId) -> Node:
    """Return the live node on which the caller may do this operation: see `reached`.

    Raises:
        Conflict: LOCKED, if somebody else has it to themselves (Q14).
    """
    node = reached(work, id_)
    locking.require_unlocked(work, Thing.NODE, node.id)
    return node


def reached(work: Work, id_: NodeId) -> Node:
    """Return the live node on which the caller may do this operation, be it locked or not.

    An asset asks `assets:write` besides, and a link asks that its target may be read (S28).
    """
    node = named(work, id_)
    work.permit(on=_place(node), target=spell(Prefix.NODE, id_))
    if node is None or not node.live:
        raise NotFound
    if node.kind is Kind.ASSET:
        work.caller.grant.permit(Scope.ASSETS_WRITE, node.place)
    if node.target is not None:
        readable(work, node.target)
    return node


def parent(work: Work, id_: NodeId, comes: NodeId | None = None) -> Node:
    """Return the live node under which the caller may do this operation.

    Args:
        work: whose.
        id_: the node.
        comes: what comes to stand under it, if that has an id: the trail names this.
    """
    node = named(work, id_)
    work.permit(on=_place(node), target=spell(Prefix.NODE, comes or id_))
    if node is None:
        raise NotFound
    return node


def named_parent(work: Work, id_: NodeId, comes: NodeId | None = None) -> Node:
    """Return the live node that a body names as the parent: see `parent`.

    Raises:
        Invalid: pointing at it, if the caller knows of no such node.
    """
    try:
        return parent(work, id_, comes)
    except NotFound:
        raise _no_such("parent") from None


def named_target(work: Work, id_: NodeId) -> Node:
    """Return the live node that a body names as a link's target: see `readable`.

    Raises:
        Invalid: pointing at it, if the caller knows of no such node.
    """
    try:
        return readable(work, id_)
    except NotFound:
        raise _no_such("target") from None


def _no_such(name: str) -> Invalid:
    return Invalid(
        Code.INVALID_FIELD, "There is no such node.", field=f"/data/relationships/{name}"
    )


def usual_parent(work: Work) -> NodeId:
    """Return where an entry stands that names no place: the caller's one root, or the top."""
    limits = work.caller.grant.limits
    if len(limits) == 1 and len(limits[0]) == 1:
        return next(iter(limits[0]))
    top = rows.root(work.tx, work.caller.organization)
    if top is None:
        raise NotFound
    return top.id


def readable(work: Work, id_: NodeId) -> Node:
    """Return the live node that the caller may read, to point at it."""
    node = named(work, id_)
    work.caller.grant.permit(Scope.CONTENT_READ, _place(node))
    if node is None:
        raise NotFound
    if node.kind is Kind.ASSET:
        work.caller.grant.permit(Scope.ASSETS_READ, node.place)
    return node


def _place(node: Node | None) -> Lineage:
    return NOWHERE if node is None else node.place


def shown(work: Work, node: Node) -> Shown:
    """Return a node that was just written, as the caller sees it.

    Who may write it but not read it learns where it stands and what it is called, and no more.
    """
    sight = Sight(work.caller.organization, work.caller.grant, Surface.MANAGEMENT)
    found = seen.one(work.tx, sight, node.id)
    return Shown(node, None) if found is None else woven(work, sight, [found])[0]


def newest(work: Work, one: Shown) -> Revision:
    """Return the newest version of what was just written, as far as the caller sees it."""
    found = versions.revision(work.tx, one.node, one.node.draft or 0)
    if found is None:
        raise NotFound
    return replace(found, content=one.content or b"{}")


def planned(work: Work, some: Sequence[Shown]) -> dict[NodeId, Schedule]:
    """Return what is scheduled for entries that the caller sees on the management surface."""
    ids = [one.node.id for one in some if one.content is not None]
    return schedules.of(work.tx, work.caller.organization, ids)
