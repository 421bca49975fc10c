"""Members come, get other roles, are shut out, come back and leave.

Only somebody who signed in does this, or the operator at the machine; a token never does, whatever
its scopes (G9). Nobody touches a member whose roles reach further than their own, and an
organization never loses its last active admin.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from counterfoil.access.caller import Method
from counterfoil.access.scope import Scope
from counterfoil.directory.model import Person
from counterfoil.directory.steps.admit import Newcomer, admit
from counterfoil.directory.steps.change import change_member
from counterfoil.directory.steps.changes import tell_member
from counterfoil.directory.steps.reach import roles_to_give
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import Prefix, RoleId, UserId, spell
from counterfoil.operation import SESSION_ONLY, Work, operation

BY_HAND: Final = SESSION_ONLY | {Method.SYSTEM}
_DENIAL: Final = Code.PAT_CANNOT_MANAGE_USERS


@operation("user.enroll", requires=Scope.USERS_MANAGE, methods=BY_HAND, denies_with=_DENIAL)
def enroll(work: Work, newcomer: Newcomer, roles: Iterable[RoleId]) -> Person:
    """Make somebody a member, with roles within one's own."""
    work.permit()
    given = roles_to_give(work, roles)
    person = admit(work, newcomer, given)
    work.aims_at(spell(Prefix.USER, person.user.id))
    tell_member(work, None, person.member)
    return person


@operation("member.assign", requires=Scope.USERS_MANAGE, methods=BY_HAND, denies_with=_DENIAL)
def assign(work: Work, id_: UserId, roles: Iterable[RoleId], expected: int | None = None) -> Person:
    """Give a member these roles and no others."""
    wanted = tuple(roles)
    return change_member(
        work, id_, expected, lambda member: member.assigned(roles_to_give(work, wanted))
    )


@operation(
    "member.deactivate",
    requires=Scope.USERS_MANAGE,
    methods=BY_HAND,
    denies_with=_DENIAL,
    vital=True,
)
def deactivate(work: Work, id_: UserId, expected: int | None = None) -> Person:
    """Shut a member out; their personal tokens, sessions and requests here are dead for good."""
    return change_member(
        work, id_, expected, lambda member: member.deactivated(work.head(hold=True))
    )


@operation("member.reactivate", requires=Scope.USERS_MANAGE, methods=BY_HAND, denies_with=_DENIAL)
def reactivate(work: Work, id_: UserId, expected: int | None = None) -> Person:
    """Let a member in again. What was cut off stays dead (S20)."""
    return change_member(work, id_, expected, lambda member: member.reactivated())


@operation(
    "member.end", requires=Scope.USERS_MANAGE, methods=BY_HAND, denies_with=_DENIAL, vital=True
)
def end(work: Work, id_: UserId, expected: int | None = None) -> Person:
    """End a membership: no roles, and nothing that was made under it lives on."""
    return change_member(
        work, id_, expected, lambda member: member.ended(work.head(hold=True), work.now)
    )
