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

    Who has an account already is invited and no member yet, unless the operator says so: whose
    hands it is in is not known here, and a code settles that (`signin/invite.py`). Who was a member
    before comes back to the same membership, so that what was cut off stays dead.

    Raises:
        Conflict: NAME_TAKEN for who is a member already.
    """
    known = _known(work, newcomer)
    user = known or _new(work, newcomer)
    organization = work.caller.organization
    hold_organization(work.tx, organization)
    former = former_member(work.tx, organization, user.id)
    by_hand = work.caller.method is Method.SYSTEM
    called = None if known is None or by_hand else proper_name(newcomer.name)
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


def _known(work: Work, newcomer: Newcomer) -> User | None:
    if newcomer.email is None:
        return None
    known = user_by_email(work.tx, proper_email(newcomer.email))
    return None if known is None else hold_user(work.tx, known.id)


def _new(work: Work, newcomer: Newcomer) -> User:
    email = None if newcomer.email is None else proper_email(newcomer.email)
    user = User(
        UserId(work.new_id()),
        email,
        proper_name(newcomer.name),
        kind="service" if email is None else "person",
    )
    add_user(work.tx, user)
    return user
