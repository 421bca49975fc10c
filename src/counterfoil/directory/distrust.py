"""What somebody changed of the directory in the database is closed, and that is on record (S5).

A gate that has followed the feed knows it as it was, and one that is built anew does not know it at
all. Nobody can say which of both somebody wanted: so it allows nothing until it is set again, by
the verb that is there for it. The same becomes of what somebody put back as it was earlier, seal
and all, where that gives more than this host was told last.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from counterfoil.access.caller import Method
from counterfoil.access.role import Role
from counterfoil.directory.edit_policy import PolicyEdited
from counterfoil.directory.model import Member, User, fold
from counterfoil.directory.presets import CLOSED, Policy
from counterfoil.directory.rules import name_of_copy
from counterfoil.directory.steps.changes import tell_member, tell_policy, tell_role
from counterfoil.directory.steps.cut import cut_off_tokens
from counterfoil.directory.steps.replay import member_record, organization_record, role_record
from counterfoil.directory.steps.shut_out import shut_out
from counterfoil.directory.store.members import save_member
from counterfoil.directory.store.policies import save_policy
from counterfoil.directory.store.roles import roles_in, save_role
from counterfoil.directory.store.rows import (
    organization,
    user_by_email,
)
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.operation import Work, operation

_BY_TIME: Final = frozenset({Method.SYSTEM})


@operation("user.distrust", requires=None, methods=_BY_TIME, surface=None, vital=True)
def distrust_user(work: Work, user: User, places: list[Member], why: str) -> None:
    """Shut a user out everywhere whose row somebody else has written; what they made is dead."""
    work.permit(target=spell(Prefix.USER, user.id))
    work.note(why)
    shut_out(work, _alone(work, user), places, to_the_last=True)


@operation("member.distrust", requires=None, methods=_BY_TIME, surface=None, vital=True)
def distrust_member(work: Work, before: Member, why: str) -> None:
    """Shut out whose membership somebody else has written; no role is left, nothing they made."""
    work.permit(target=spell(Prefix.USER, before.user))
    work.note(why)
    cut = before.cut(work.head(hold=True))
    then = replace(cut, enabled=False, roles=(), user_active=before.user_active)
    save_member(work.tx, then)
    tell_member(work, before, then)
    work.emit(member_record(then))


@operation("role.distrust", requires=None, methods=_BY_TIME, surface=None, vital=True)
def distrust_role(work: Work, before: Role, why: str) -> None:
    """Have a role allow nothing that somebody else has written."""
    work.permit(target=spell(Prefix.ROLE, before.id))
    work.note(why)
    then = replace(_named_alone(work, before).emptied(), version=before.version + 1, is_sound=True)
    save_role(work.tx, then)
    tell_role(work, before, then)
    work.emit(role_record(then))


@operation("policy.distrust", requires=None, methods=_BY_TIME, surface=None, vital=True)
def distrust_policy(work: Work, before: Policy, why: str) -> None:
    """Put the tightest policy in the place of one that somebody else has written."""
    here = work.caller.organization
    work.permit(target=spell(Prefix.ORGANIZATION, here))
    work.note(why)
    then = replace(CLOSED, preset=before.preset, version=before.version + 1)
    save_policy(work.tx, here, then)
    tell_policy(work, before, then)
    work.announce(PolicyEdited(here, before, then))
    work.emit(organization_record(here, organization(work.tx, here).name, then))


@operation("organization.distrust", requires=None, methods=_BY_TIME, surface=None, vital=True)
def distrust_cut(work: Work, why: str) -> None:
    """End every token of an organization, where somebody else has written which were ended."""
    work.permit(target=spell(Prefix.ORGANIZATION, work.caller.organization))
    work.note(why)
    cut_off_tokens(work)


def _alone(work: Work, user: User) -> User:
    """Return a user without their address, if somebody else has it: two cannot be written."""
    other = None if user.email is None else user_by_email(work.tx, user.email)
    return user if other is None or other.id == user.id else replace(user, email=None)


def _named_alone(work: Work, role: Role) -> Role:
    """Return a role under a name of its own, if another one has its name: two cannot be written."""
    taken = [one.name for one in roles_in(work.tx, role.organization) if one.id != role.id]
    if fold(role.name) not in {fold(one) for one in taken}:
        return role
    return replace(role, name=name_of_copy(role.name, taken))
