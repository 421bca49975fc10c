"""What somebody is told of nodes outside their roots by what only names nodes: nothing (S30).

The audit trail and roles hold ids of nodes. They stand in no tree themselves, so whoever holds the
scope reads them in the organization as a whole; but a token that reads below some nodes alone would
learn there what else there is. These are steps of operations; they cost the unbounded nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from counterfoil import content
from counterfoil.access.caller import Method
from counterfoil.access.role import Role
from counterfoil.access.roots import NOWHERE
from counterfoil.access.scope import Scope
from counterfoil.audit.read import Bound, Sought, trail
from counterfoil.kernel import ids
from counterfoil.kernel.ids import NodeId, Prefix
from counterfoil.kernel.page import Wanted
from counterfoil.operation import Work


def trail_told(work: Work, sought: Sought) -> Sought:
    """Return what is wanted of the trail without what the caller is not told.

    Where roots bound their `audit:read`, entries on nodes that they do not cover are left out, but
    for their own: what was done with this token, or by this person if they are signed in.

    Raises:
        Denied: OUTSIDE_ROOT_NODES, if the target that is wanted is a node which their token's roots
            do not cover, or is nothing that there is.
        NotFound: the same, if the roots are those of their role.
    """
    caller = work.caller
    if caller.grant.spans(Scope.AUDIT_READ):
        return sought
    sight = content.sight_by(caller.organization, caller.grant, Scope.AUDIT_READ)
    person = caller.user if caller.method is Method.SESSION else None
    told = replace(
        sought, bound=Bound(partial(content.names_seen, sight=sight), caller.token, person)
    )
    asked = {node for target in sought.targets if (node := node_in(target)) is not None}
    if not asked or content.seen_among(work.tx, sight, frozenset(asked)):
        return told
    others = tuple(target for target in sought.targets if node_in(target) is None)
    if (
        not others
        or not trail(work.tx, caller.organization, Sought(targets=others), Wanted(1)).items
    ):
        caller.grant.permit(Scope.AUDIT_READ, NOWHERE)
    return told


def roles_told(work: Work, roles: Sequence[Role]) -> list[Role]:
    """Return roles as the caller is told of them: with those roots alone that their own cover."""
    caller, held = work.caller, (Scope.ROLES_READ, Scope.ROLES_MANAGE)
    if any(caller.grant.spans(scope) for scope in held):
        return list(roles)
    sight = content.sight_by(caller.organization, caller.grant, *held)
    named = frozenset[NodeId]().union(*(role.roots or () for role in roles))
    seen = content.seen_among(work.tx, sight, named)
    return [
        role if role.roots is None else replace(role, roots=role.roots & seen) for role in roles
    ]


def node_in(target: str | None) -> NodeId | None:
    """Return the node that a target of the trail names, if it is one."""
    if target is None or not target.startswith(f"{Prefix.NODE}_"):
        return None
    return NodeId(ids.read(Prefix.NODE, target))
