"""Custom roles: made, changed and taken away, never beyond one's own.

A role change touches no token: the gates hear what the role allows now, and every token behind it
follows on its next request (G8, X18). The four built-in roles stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from counterfoil.access.caller import Method
from counterfoil.access.role import Role
from counterfoil.access.roots import Roots
from counterfoil.access.scope import Scope, Scopes
from counterfoil.directory.enroll import BY_HAND
from counterfoil.directory.rules import name_of_copy, proper_name
from counterfoil.directory.seeds import built_in_named
from counterfoil.directory.steps.changes import tell_role
from counterfoil.directory.steps.replay import role_record
from counterfoil.directory.steps.reshape import (
    at_most_own,
    changed_role,
    require_custom,
    require_standing,
    require_supported,
)
from counterfoil.directory.store.members import holders
from counterfoil.directory.store.policies import policy
from counterfoil.directory.store.roles import add_role, drop_role, role, roles_in, save_role
from counterfoil.directory.store.rows import hold_organization
from counterfoil.feed.event import RoleStruck
from counterfoil.kernel.errors import Code, Conflict
from counterfoil.kernel.ids import Prefix, RoleId, spell
from counterfoil.kernel.version import require_version
from counterfoil.operation import Work, operation

BY_PROGRAM: Final = BY_HAND | {Method.SERVICE}
"""API tokens make roles too, within what they may do themselves, as DatoCMS's client does; personal
tokens never (S17).
"""


@operation("role.create", requires=Scope.ROLES_MANAGE, methods=BY_PROGRAM)
def create_role(work: Work, name: str, scopes: Scopes, roots: Roots = None) -> Role:
    """Make a custom role within one's own roles."""
    hold_organization(work.tx, work.caller.organization)
    new = Role(RoleId(work.new_id()), work.caller.organization, proper_name(name), scopes, roots)
    work.permit(target=spell(Prefix.ROLE, new.id))
    at_most_own(work, new.term)
    require_supported(work, new.scopes)
    require_standing(work, new.roots)
    add_role(work.tx, new)
    tell_role(work, None, new)
    work.emit(role_record(new))
    return new


@operation("role.duplicate", requires=Scope.ROLES_MANAGE, methods=BY_PROGRAM)
def duplicate_role(work: Work, id_: RoleId) -> Role:
    """Make a custom role that may do what another one may now, be that built in or not."""
    here = work.caller.organization
    hold_organization(work.tx, here)
    like = role(work.tx, here, id_)
    name = name_of_copy(like.name, [one.name for one in roles_in(work.tx, here)])
    scopes = like.scopes & work.vocabulary().supported
    new = Role(RoleId(work.new_id()), here, name, scopes, like.roots)
    work.permit(target=spell(Prefix.ROLE, new.id))
    at_most_own(work, new.term)
    add_role(work.tx, new)
    tell_role(work, None, new)
    work.emit(role_record(new))
    return new


@operation("role.edit", requires=Scope.ROLES_MANAGE, methods=BY_PROGRAM)
def edit_role(
    work: Work, id_: RoleId, change: Callable[[Role], Role], expected: int | None = None
) -> Role:
    """Change a custom role; who holds it can do so much more or less at once."""
    before = _held(work, id_)
    require_version(before.version, expected)
    then = changed_role(work, before, change)
    if then == before:
        return before
    then = replace(then, version=before.version + 1)
    save_role(work.tx, then)
    tell_role(work, before, then)
    if role_record(then) != role_record(before):
        work.emit(role_record(then))
    return then


@operation("role.delete", requires=Scope.ROLES_MANAGE, methods=BY_PROGRAM)
def delete_role(work: Work, id_: RoleId, expected: int | None = None) -> Role:
    """Take a custom role away that no member holds; API tokens that take it can do nothing more."""
    gone = _held(work, id_)
    require_version(gone.version, expected)
    at_most_own(work, gone.term)
    if holding := holders(work.tx, gone.organization, gone.id):
        raise Conflict(
            Code.IN_USE, "Members hold this role: give them another.", meta={"members": holding}
        )
    if str(gone.id) in (policy(work.tx, gone.organization).token_roles or ()):
        raise Conflict(
            Code.IN_USE, "The policy names this role among those whose holders may have tokens."
        )
    drop_role(work.tx, gone)
    work.emit(RoleStruck(organization=gone.organization, role=gone.id))
    return gone


@operation("role.restore", requires=None, methods=frozenset({Method.SYSTEM}))
def restore_role(work: Work, id_: RoleId, name: str) -> tuple[Role, int]:
    """Have a role be the built-in one of a name, as organizations begin with it.

    It is the operator's, at the machine: for a role that was closed because somebody had changed it
    in the database, and that nobody here can change. Returns how many members hold it, too.

    Raises:
        Invalid: for a name that no built-in role has.
        Conflict: NAME_TAKEN.
    """
    here = work.caller.organization
    hold_organization(work.tx, here)
    before = role(work.tx, here, id_)
    work.permit(target=spell(Prefix.ROLE, id_))
    then = replace(
        before,
        name=name,
        scopes=built_in_named(name),
        roots=None,
        built_in=True,
        version=before.version + 1,
        is_sound=True,
    )
    save_role(work.tx, then)
    tell_role(work, before, then)
    work.emit(role_record(then))
    return then, holders(work.tx, here, id_)


def _held(work: Work, id_: RoleId) -> Role:
    hold_organization(work.tx, work.caller.organization)
    found = role(work.tx, work.caller.organization, id_)
    work.permit(target=spell(Prefix.ROLE, id_))
    require_custom(found)
    return found
