"""The step that changes one membership, for every verb that does."""

from __future__ import annotations

from collections.abc import Callable

from counterfoil.directory.model import Member, Person
from counterfoil.directory.rules import require_admin_left
from counterfoil.directory.steps.changes import tell_member
from counterfoil.directory.steps.reach import require_reach
from counterfoil.directory.steps.replay import member_record
from counterfoil.directory.store.members import admins_beside, hold_member, save_member
from counterfoil.directory.store.rows import hold_organization, user
from counterfoil.kernel.ids import Prefix, UserId, spell
from counterfoil.kernel.version import require_version
from counterfoil.operation import Work


def change_member(
    work: Work, id_: UserId, expected: int | None, change: Callable[[Member], Member]
) -> Person:
    """Change a member of the caller's organization, whose roles are within the caller's own.

    Raises:
        Stale: if they are not the one that the caller looked at.
        Conflict: LAST_ADMIN, where nobody would be left to administer.
    """
    organization = work.caller.organization
    hold_organization(work.tx, organization)
    before = hold_member(work.tx, organization, id_)
    work.permit(target=spell(Prefix.USER, id_))
    require_version(before.version, expected)
    then = changed_member(work, before, change)
    if then is not before:
        save_member(work.tx, then)
        tell_member(work, before, then)
    if not before.is_sound or member_record(then) != member_record(before):
        work.emit(member_record(then))
    return Person(user(work.tx, id_), then)


def changed_member(work: Work, before: Member, change: Callable[[Member], Member]) -> Member:
    """Return what a member becomes by a change, if the caller may make it; nothing is written.

    Raises:
        Denied: INSUFFICIENT_ROLE for whose roles reach further than the caller's.
        Conflict: LAST_ADMIN.
    """
    require_reach(work.tx, before.organization, work.caller.grant.terms, before.roles)
    then = change(before)
    require_admin_left(before, then, admins_beside(work.tx, before.organization, before.user))
    return then
