"""The step that shuts a user out everywhere, for every verb that does."""

from __future__ import annotations

from collections.abc import Sequence

from counterfoil.directory.model import Member, User
from counterfoil.directory.rules import require_admin_left
from counterfoil.directory.steps.replay import member_record
from counterfoil.directory.store.members import admins_beside, save_member
from counterfoil.directory.store.rows import save_user
from counterfoil.feed.event import CutOff
from counterfoil.operation import Work


def shut_out(
    work: Work, user: User, places: Sequence[Member], *, to_the_last: bool = False
) -> User:
    """Shut a user out of all places, which are held; all that they made is dead for good.

    Raises:
        Conflict: LAST_ADMIN, unless it is `to_the_last`.
    """
    at = work.head(hold=True)
    gone = user.deactivated(at)
    save_user(work.tx, gone)
    work.emit(CutOff(subject=user.id, at=at))
    save_places(work, places, [place.cut(at) for place in places], to_the_last=to_the_last)
    return gone


def save_places(
    work: Work, before: Sequence[Member], then: Sequence[Member], *, to_the_last: bool = False
) -> None:
    """Write what became of somebody's places, and tell the gates.

    Raises:
        Conflict: LAST_ADMIN, where nobody would be left to administer an organization, unless it is
            `to_the_last`.
    """
    for was, now in zip(before, then, strict=True):
        if not to_the_last:
            require_admin_left(was, now, admins_beside(work.tx, was.organization, was.user))
        save_member(work.tx, now)
        if not was.is_sound or member_record(was) != member_record(now):
            work.emit(member_record(now))
