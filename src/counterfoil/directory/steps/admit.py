"""How somebody becomes a member, for every verb that lets it happen."""

from __future__ import annotations

from dataclasses import dataclass

from counterfoil.access.caller import Method
from counterfoil.access.role import Role
from counterfoil.directory.model import Member, Person, User
from counterfoil.directory.rules import proper_email, proper_name
from counterfoil.directory.steps.replay import member_record
from counterfoil.directory.store.members import (
    add_member,
    former_member,
    memberships_of,
    save_member,
)
from counterfoil.directory.store.rows import add_user, hold_organization, hold_user, user_by_email
from counterfoil.kernel.errors import Code, Conflict
from counterfoil.kernel.ids import UserId
from counterfoil.operation import Work


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who is to become a member; without an e-mail address, a service user."""

    name: str
    email: str | None


def admit(work: Work, newcomer: Newcomer, roles: tuple[Role, ...]) -> Person:
    """Make somebody a member with these roles, and a user first if nobody knows them.

    Whom another organization has is invited, unless the operator says so: they become a member when
    they accept. Whom none has any more is a member at once, and is given a new way to sign in: the
    old one may be somebody else's. Who was a member before comes back to the same membership, so
    that what was cut off stays dead.

    Raises:
        Conflict: NAME_TAKEN for who is a member already.
    """
    user = _user(work, newcomer)
    organization = work.caller.organization
    hold_organization(work.tx, organization)
    former = former_member(work.tx, organization, user.id)
    called = _invited_as(work, user, newcomer)
    if former is None:
        member = Member(
            organization=organization,
            user=user.id,
            roles=roles,
            enabled=True,
            joined_at=work.now,
            user_active=user.active,
            invited_as=called,
        )
        add_member(work.tx, member)
    elif former.ended_at is None:
        raise Conflict(Code.NAME_TAKEN, "This is a member already.", field="/data/attributes/email")
    else:
        member = former.rejoined(roles, work.now, called)
        save_member(work.tx, member)
    work.emit(member_record(member))
    return Person(user, member)


def _invited_as(work: Work, user: User, newcomer: Newcomer) -> str | None:
    """Return what an admin calls somebody whom another organization has; None for all others."""
    here, by_hand = work.caller.organization, work.caller.method is Method.SYSTEM
    places = memberships_of(work.tx, user.id)
    if by_hand or not any(one.joined and one.organization != here for one in places):
        return None
    return proper_name(newcomer.name)


def _user(work: Work, newcomer: Newcomer) -> User:
    email = None if newcomer.email is None else proper_email(newcomer.email)
    known = None if email is None else user_by_email(work.tx, email)
    if known is not None:
        return hold_user(work.tx, known.id)
    user = User(
        UserId(work.new_id()),
        email,
        proper_name(newcomer.name),
        kind="service" if email is None else "person",
    )
    add_user(work.tx, user)
    return user
