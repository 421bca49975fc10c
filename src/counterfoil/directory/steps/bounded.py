"""What somebody is told of nodes outside their roots by what only names nodes: nothing (S30).

The audit trail, roles and tokens hold ids of nodes. They stand in no tree themselves, so whoever
holds the scope reads them in the organization as a whole; but who reads below some nodes alone
would learn there what else there is. These are steps of operations; they cost the unbounded
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy import Connection

from counterfoil import content
from counterfoil.access.caller import Caller, Method
from counterfoil.access.role import Role
from counterfoil.access.roots import NOWHERE, Roots
from counterfoil.access.scope import Scope
from counterfoil.audit.read import Bound, Sought, trail
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Denied
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
    bound = Bound(
        partial(content.names_seen, sight=sight), partial(_named, caller), caller.token, person
    )
    told = replace(sought, bound=bound)
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


def nodes_told(work: Work, named: frozenset[NodeId], *held: Scope) -> frozenset[NodeId]:
    """Return which nodes of those that something names the caller is told of.

    That is all of them, where they hold one of these scopes with no root to bound it; else those
    that roots of theirs cover now.
    """
    grant = work.caller.grant
    if not named or any(grant.spans(scope) for scope in held):
        return named
    return _named(work.caller, work.tx, named)


def with_untold(work: Work, before: Roots, then: Roots, *held: Scope) -> Roots:
    """Return roots as a caller changes them: those that it is not told of stay.

    Raises:
        Denied: INSUFFICIENT_ROLE, where it would lift them all, and not all are told of.
    """
    if before is None or then == before:
        return then
    untold = before - nodes_told(work, before, *held)
    if untold and then is None:
        raise Denied(Code.INSUFFICIENT_ROLE, "This reaches further than you do yourself.")
    return then if then is None else then | untold


def roles_told(work: Work, roles: Sequence[Role]) -> list[Role]:
    """Return roles as the caller is told of them, for showing: what is judged has all its roots."""
    named = frozenset[NodeId]().union(*(role.roots or () for role in roles))
    told = nodes_told(work, named, Scope.ROLES_READ, Scope.ROLES_MANAGE)
    return [
        role if role.roots is None else replace(role, roots=role.roots & told) for role in roles
    ]


def _named(caller: Caller, tx: Connection, named: frozenset[NodeId]) -> frozenset[NodeId]:
    """Return which of these nodes some roots of a caller's cover now."""
    sight = content.sight_by(caller.organization, caller.grant, *Scope)
    return content.seen_among(tx, sight, named)


def node_in(target: str | None) -> NodeId | None:
    """Return the node that a target of the trail names, if it is one."""
    return next((NodeId(id_) for id_ in ids.among(Prefix.NODE, (target,))), None)
