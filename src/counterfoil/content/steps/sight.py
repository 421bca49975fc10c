"""Looking at one node, as the caller sees it, and why they do not.

Whatever a restricted token names and does not see answers the one refusal of its restriction: the
unknown, the outside, the trashed, and what is not on this surface (S31).
"""

from __future__ import annotations

from typing import Final

from counterfoil.access.roots import NOWHERE
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.content.model import Kind, Shown
from counterfoil.content.store import inside
from counterfoil.content.store import seen as store_seen
from counterfoil.content.store.visible import Sight
from counterfoil.kernel.errors import Code, CounterfoilError, Denied
from counterfoil.kernel.ids import NodeId
from counterfoil.operation import Work

_UNPUBLISHED_KINDS: Final = frozenset({Kind.ENTRY, Kind.ASSET})


def sight_on(work: Work, surface: Surface) -> Sight:
    """Return what the caller may see on a surface."""
    return Sight(work.caller.organization, work.caller.grant, surface)


def seen(work: Work, sight: Sight, id_: NodeId, kinds: tuple[Kind, ...] = ()) -> Shown:
    """Return a node that the caller sees.

    Raises:
        Denied: OUTSIDE_ROOT_NODES or INSUFFICIENT_ROLE, for a restricted token.
        NotFound: for everybody else.
    """
    shown = store_seen.one(work.tx, sight, id_)
    if shown is None:
        raise unseen(work, sight, id_)
    if kinds and shown.node.kind not in kinds:
        raise unseen(work, sight, None)
    return shown


def unseen(work: Work, sight: Sight, id_: NodeId | None) -> CounterfoilError:
    """Return why the caller does not see this node, without saying more than it may know."""
    limits = sight.grant.limits
    node = None
    if limits and id_ is not None:
        node = inside.node(work.tx, sight.organization, limits, id_)
    stands = node is not None and (
        sight.surface is not Surface.DELIVERY
        or node.published is not None
        or node.kind not in _UNPUBLISHED_KINDS
    )
    try:
        sight.grant.permit(Scope.CONTENT_READ, node.place if node and stands else NOWHERE)
    except CounterfoilError as error:
        return error
    if node is not None and node.target is not None:
        return unseen(work, sight, node.target)
    return Denied(Code.INSUFFICIENT_ROLE, "The role behind this credential does not allow this.")
