"""Somebody is given a one-time code, with which they choose how they prove who they are.

It is how a new member comes in, and how somebody who lost their password comes back: then the old
one, and every session that it led to, is over at once. The code is all that a person's account is
worth, so whoever gives it out reaches as far as they do and belongs to no other organization's
people; and, as with whatever is minted, has just proved who they are.

Whom another organization has is given a code of another kind: it opens no account, and who is
signed in to theirs accepts by it (`accept.py`). Whom none has any more becomes a member by being
given a code to the account, for what it was opened with before may be anybody's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from counterfoil import directory
from counterfoil.access.scope import Scope
from counterfoil.directory import Person
from counterfoil.feed.event import SecretTaken
from counterfoil.kernel.errors import Code, Conflict
from counterfoil.kernel.ids import OrganizationId, Prefix, UserId, spell
from counterfoil.operation import SESSION_ONLY, Work, operation
from counterfoil.secret import Kind, Secret
from counterfoil.signin import policy
from counterfoil.signin.model import Invitation
from counterfoil.signin.steps.session import OFFICE, end_all
from counterfoil.signin.store import identities, invitations, outside, passkeys, seconds


@dataclass(frozen=True, slots=True)
class Invited:
    """The only copy of a code that there will ever be, and when it is too late to use it.

    `joins` is the organization that is joined by it; None if it opens an account.
    """

    code: Secret
    dies_at: datetime
    joins: OrganizationId | None = None


@operation(
    "user.invite",
    requires=Scope.USERS_MANAGE,
    methods=SESSION_ONLY | OFFICE,
    fresh=True,
    denies_with=Code.PAT_CANNOT_MANAGE_USERS,
)
def invite(work: Work, user: UserId) -> Invited:
    """Give a member a code in the place of whatever they could prove themselves by before.

    Who has yet to accept, and belongs to another organization, is given the code for that, and
    keeps what they sign in with.
    """
    here = work.caller.organization
    person = directory.hold_user(work.tx, user)
    place = directory.hold_member(work.tx, here, user)
    work.permit(target=spell(Prefix.USER, user))
    if person.kind != "person" or not (place.active or place.invited):
        raise Conflict(Code.CONFLICT, "Only a person who may come in here is invited.")
    places = directory.memberships(work.tx, user)
    joins = place.invited and any(one.joined and one.organization != here for one in places)
    if not joins:
        directory.require_alone_here(
            work,
            places,
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
        joins=joins,
    )
    invitations.replace(work.tx, invitation)
    if joins:
        return Invited(code, dies_at, here)
    if place.invited:
        directory.answer_invitation(work, place.accepted(work.now))
    identities.forget_password(work.tx, user)
    outside.drop_all(work.tx, user)
    passkeys.drop_all(work.tx, user)
    seconds.drop(work.tx, user)
    work.emit(SecretTaken(user=user))
    end_all(work, user)
    directory.hand_over(work, user)
    return Invited(code, dies_at)


def awaited(work: Work, person: Person) -> bool:
    """Say whether a new member is to be given a code.

    That is who has yet to accept, who has nothing to sign in with, and whom no other organization
    has: what an account that was left behind is opened with may be anybody's. Whom the operator
    puts into one more organization keeps what they have.
    """
    user, place = person.user, person.member
    if user.kind != "person" or not (place.active or place.invited):
        return False
    has_none = not (
        identities.kept_password(work.tx, user.id)
        or outside.of_user(work.tx, user.id)
        or passkeys.of_user(work.tx, user.id)
    )
    if place.invited or has_none:
        return True
    places = directory.memberships(work.tx, user.id)
    return not any(one.joined and one.organization != place.organization for one in places)
