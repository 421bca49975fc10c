"""A user is shut out, or let in again: by an admin of that organization, by the operator of all.

An account is nobody's but its person's: where one organization could close it, it could close it to
whoever else hires them.
"""

from __future__ import annotations

from counterfoil.access.caller import Method
from counterfoil.access.scope import Scope
from counterfoil.directory.enroll import BY_HAND
from counterfoil.directory.model import Member, Person, User
from counterfoil.directory.steps.change import change_member
from counterfoil.directory.steps.shut_out import save_places, shut_out
from counterfoil.directory.store.members import hold_places, member, memberships_of
from counterfoil.directory.store.rows import hold_organization, hold_user, save_user
from counterfoil.kernel.errors import Code, Denied
from counterfoil.kernel.ids import Prefix, UserId, spell
from counterfoil.operation import Work, operation


@operation(
    "user.deactivate",
    requires=Scope.USERS_MANAGE,
    methods=BY_HAND,
    denies_with=Code.PAT_CANNOT_MANAGE_USERS,
    vital=True,
)
def deactivate_user(work: Work, id_: UserId) -> Person:
    """Shut a user out; all that they made there is dead for good."""
    if work.caller.method is not Method.SYSTEM:
        return change_member(work, id_, None, lambda one: _joined(one).deactivated(_head(work)))
    user, places = _held(work, id_)
    if user.active or not user.is_sound:
        user = shut_out(work, user, places)
    return Person(user, _here(work, id_))


@operation(
    "user.reactivate",
    requires=Scope.USERS_MANAGE,
    methods=BY_HAND,
    denies_with=Code.PAT_CANNOT_MANAGE_USERS,
)
def reactivate_user(work: Work, id_: UserId) -> Person:
    """Let a user in again. What was cut off stays dead (S20)."""
    if work.caller.method is not Method.SYSTEM:
        return change_member(work, id_, None, lambda one: _joined(one).reactivated())
    user, places = _held(work, id_)
    if not user.active:
        user = user.reactivated()
        save_user(work.tx, user)
        save_places(work, places, [place.restored() for place in places])
    return Person(user, _here(work, id_))


def _joined(here: Member) -> Member:
    """Return the member that an admin may shut out or let in.

    Raises:
        Denied: INSUFFICIENT_ROLE for who is only invited, and for whom the operator shut out.
    """
    if not here.joined:
        raise Denied(Code.INSUFFICIENT_ROLE, "They have not accepted your invitation.")
    if not here.user_active:
        raise Denied(Code.INSUFFICIENT_ROLE, "The operator of this installation has shut them out.")
    return here


def _head(work: Work) -> int:
    return work.head(hold=True)


def _held(work: Work, id_: UserId) -> tuple[User, list[Member]]:
    """Hold a user and all places that they have or had, for the operator."""
    user = hold_user(work.tx, id_)
    for organization in sorted(one.organization for one in memberships_of(work.tx, id_)):
        hold_organization(work.tx, organization)
    work.permit(target=spell(Prefix.USER, id_))
    return user, hold_places(work.tx, id_)


def _here(work: Work, id_: UserId) -> Member:
    return member(work.tx, work.caller.organization, id_)
