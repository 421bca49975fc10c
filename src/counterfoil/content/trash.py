"""The trash: what lies in it, and the end of that.

Nothing covers what is trashed, so each of these is judged at the parent, as bringing it back is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from counterfoil.access.grant import Grant, Term
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.content import policy
from counterfoil.content.model import Node
from counterfoil.content.steps import finding, locking
from counterfoil.content.store import rows, subtree, trash
from counterfoil.content.store.visible import Sight
from counterfoil.feed.event import NodeRemoved
from counterfoil.kernel.errors import Conflict
from counterfoil.kernel.ids import NodeId, Prefix, spell
from counterfoil.kernel.version import require_version
from counterfoil.operation import ANY_CALLER, Work, operation


@dataclass(frozen=True, slots=True)
class Trashed:
    """A piece of the list of what lies in the trash; `more` if it goes on."""

    nodes: list[Node]
    more: bool
    total: int


@operation("trash.list", requires=Scope.CONTENT_DELETE, methods=ANY_CALLER, reads=True)
def list_trash(work: Work, size: int, after: tuple[datetime, int] | None) -> Trashed:
    """List what was trashed where the caller may trash and bring back, the latest first."""
    work.permit()
    sight = Sight(work.caller.organization, _reach(work.caller.grant), Surface.MANAGEMENT)
    found = trash.some(work.tx, sight, size + 1, after)
    return Trashed(found[:size], len(found) > size, trash.count(work.tx, sight))


@operation("node.destroy", requires=Scope.CONTENT_DELETE, methods=ANY_CALLER)
def destroy(work: Work, id_: NodeId, expected: int | None = None) -> Node:
    """Destroy what lies in the trash, with all below it and all its versions. Nothing undoes it.

    Links that pointed there go too. A file goes when no version of any asset names it any more.
    Of what is large, nobody sees anything from now on, and it is wiped bit by bit (`wipe`).
    """
    rows.hold_tree(work.tx, work.caller.organization)
    node = finding.named(work, id_)
    if node is None or node.parent is None or node.trashed_at is None:
        finding.standing(work, id_)
        raise Conflict(detail="It is not in the trash.")
    under = finding.parent(work, node.parent)
    work.permit(on=under.place, target=spell(Prefix.NODE, id_))
    if subtree.holds_assets(work.tx, node.organization, node.path, live=False):
        work.caller.grant.permit(Scope.ASSETS_WRITE, under.place)
    require_version(node.version, expected)
    locking.require_unlocked_below(work, node)
    if trash.is_larger(work.tx, node, policy.WIPED_AT_ONCE):
        trash.doom(work.tx, node)
        return node
    gone = trash.wipe(work.tx, node, policy.WIPED_AT_ONCE)
    work.emit(*(NodeRemoved(organization=node.organization, node=one) for one in gone))
    return node


def _reach(grant: Grant) -> Grant:
    """Return the grant that sees what this one may bring back: an asset asks `assets:write` too."""
    lent = ((Scope.CONTENT_DELETE, Scope.CONTENT_READ), (Scope.ASSETS_WRITE, Scope.ASSETS_READ))
    terms = [
        Term(to.bit, term.roots)
        for term in grant.terms
        for held, to in lent
        if term.scopes & held.bit
    ]
    return Grant(tuple(terms), grant.limits, grant.surfaces)
