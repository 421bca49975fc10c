"""Somebody is given a one-time code, with which they choose how they prove who they are.

It is how a new member comes in, and how somebody who lost their password comes back: then the old
one, and every session that it led to, is over at once. The code is all that a person's account is
worth, so whoever gives it out reaches as far as they do and belongs to no other organization's
people; and, as with whatever is minted, has just proved who they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from counterfoil import directory
from counterfoil.access.caller import Method
from counterfoil.access.scope import Scope
from counterfoil.directory import Person
from counterfoil.kernel.errors import Code, Conflict
from counterfoil.kernel.ids import Prefix, UserId, spell
from counterfoil.operation import SESSION_ONLY, Work, operation
from counterfoil.secret import Kind, Secret
from counterfoil.signin import policy
from counterfoil.signin.model import Invitation
from counterfoil.signin.steps.session import OFFICE, end_all
from counterfoil.signin.store import identities, invitations


@dataclass(frozen=True, slots=True)
class Invited:
    """The only copy of a code that there will ever be, and when it is too late to use it."""

    code: Secret
    dies_at: datetime


@operation(
    "user.invite",
    requires=Scope.USERS_MANAGE,
    methods=SESSION_ONLY | OFFICE,
    fresh=True,
    denies_with=Code.PAT_CANNOT_MANAGE_USERS,
)
def invite(work: Work, user: UserId) -> Invited:
    """Give a member a code in the place of whatever they could prove themselves by before."""
    here = work.caller.organization
    place = directory.hold_member(work.tx, here, user)
    work.permit(target=spell(Prefix.USER, user))
    person = directory.user(work.tx, user)
    if person.kind != "person" or not place.active:
        raise Conflict(Code.CONFLICT, "Only a person who may come in here is invited.")
    directory.require_alone_here(
        work,
        directory.memberships(work.tx, user),
        "the operator invites them at the machine, by `counterfoil user invite`.",
    )
    directory.require_reach(work.tx, here, work.caller.grant.terms, place.roles)
    code, dies_at = work.mint(Kind.INVITATION), work.now + policy.INVITATION_LIFE
    invitation = Invitation(
        digest=code.digest,
        organization=here,
        user=user,
        by=work.caller.user,
        position=work.head(),
        made_at=work.now,
        dies_at=dies_at,
    )
    identities.forget_password(work.tx, user)
    invitations.replace(work.tx, invitation)
    end_all(work, user)
    return Invited(code, dies_at)


def awaited(work: Work, person: Person) -> bool:
    """Say whether a new member has yet to be given something to prove themselves by.

    Who belongs to another organization too is for the operator alone to let in.
    """
    if person.user.kind != "person" or identities.kept_password(work.tx, person.user.id):
        return False
    operated = work.caller.method is Method.SYSTEM
    return operated or len(directory.memberships(work.tx, person.user.id)) == 1
