"""What somebody changed of the directory in the database is closed, and that is on record (S5).

A gate that has followed the feed knows it as it was, and one that is built anew does not know it at
all. Nobody can say which of both somebody wanted: so it allows nothing until it is set again, by
the verb that is there for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Final

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from counterfoil.access.caller import Caller, Method, Origin
from counterfoil.access.grant import Grant
from counterfoil.directory.edit_policy import PolicyEdited
from counterfoil.directory.steps.changes import tell_member, tell_policy, tell_role
from counterfoil.directory.steps.replay import member_record, organization_record, role_record
from counterfoil.directory.steps.shut_out import shut_out
from counterfoil.directory.store.everywhere import ever_members, organization_ids
from counterfoil.directory.store.members import hold_places, save_member
from counterfoil.directory.store.policies import hold_as_it_is, save_policy
from counterfoil.directory.store.roles import role, save_role
from counterfoil.directory.store.rows import hold_organization, hold_user, organization
from counterfoil.directory.store.sealed import Last, Unsound, unsound_after
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import OrganizationId, Prefix, RoleId, UserId, spell
from counterfoil.office import Office
from counterfoil.operation import Work, operation

AT_ONCE: Final = 2_000
"""So many users, with all their memberships, a turn looks at; and as many roles and policies."""

_ORIGIN: Final = Origin("sweep")
_BY_TIME: Final = frozenset({Method.SYSTEM})
_WHY: Final = "its row is not as it was sealed: somebody changed it in the database"

log = structlog.get_logger(__name__)


@operation("user.distrust", requires=None, methods=_BY_TIME, surface=None, vital=True)
def distrust_user(work: Work, id_: UserId) -> None:
    """Shut a user out everywhere whose row is not as it was sealed; what they made is dead."""
    work.permit(target=spell(Prefix.USER, id_))
    user = hold_user(work.tx, id_)
    places = hold_places(work.tx, id_)
    if not user.is_sound:
        work.note(_WHY)
        shut_out(work, user, places)


@operation("member.distrust", requires=None, methods=_BY_TIME, surface=None, vital=True)
def distrust_member(work: Work, id_: UserId) -> None:
    """Shut out whose membership is not as it was sealed; no role is left, and nothing they made."""
    here = work.caller.organization
    work.permit(target=spell(Prefix.USER, id_))
    hold_organization(work.tx, here)
    for before in hold_places(work.tx, id_):
        if before.organization == here and not before.is_sound:
            work.note(_WHY)
            then = before.deactivated(work.head(hold=True))
            save_member(work.tx, then)
            tell_member(work, before, then)
            work.emit(member_record(then))


@operation("role.distrust", requires=None, methods=_BY_TIME, surface=None, vital=True)
def distrust_role(work: Work, id_: RoleId) -> None:
    """Have a role allow nothing that is not as it was sealed."""
    here = work.caller.organization
    work.permit(target=spell(Prefix.ROLE, id_))
    hold_organization(work.tx, here)
    before = role(work.tx, here, id_)
    if not before.is_sound:
        work.note(_WHY)
        then = replace(before, version=before.version + 1, is_sound=True)
        save_role(work.tx, then)
        tell_role(work, before, then)
        work.emit(role_record(then))


@operation("policy.distrust", requires=None, methods=_BY_TIME, surface=None, vital=True)
def distrust_policy(work: Work) -> None:
    """Put the tightest policy in the place of one that is not as it was sealed."""
    here = work.caller.organization
    work.permit(target=spell(Prefix.ORGANIZATION, here))
    before, is_sound = hold_as_it_is(work.tx, here)
    if not is_sound:
        work.note(_WHY)
        then = replace(before, version=before.version + 1)
        save_policy(work.tx, here, then)
        tell_policy(work, before, then)
        work.announce(PolicyEdited(here, before, then))
        work.emit(organization_record(here, organization(work.tx, here).name, then))


class Rounds:
    """Goes through the directory of an installation, some at a turn, and begins again."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._last = Last()

    def turn(self) -> int:
        """Look at what comes next; return how much of it was closed."""
        with self._office.database.reading() as tx:
            found, self._last = unsound_after(tx, self._last, AT_ONCE)
            if not any((found.users, found.memberships, found.roles, found.policies)):
                return 0
            homes = _homes(tx, found.users)
        return sum(self._closed(where, what, act) for where, what, act in _due(found, homes))

    def _closed(self, where: OrganizationId, what: str, act: Callable[[Work], None]) -> bool:
        log.error("something was changed in the database", organization=where, what=what)
        try:
            with self._office.work(_office_of(where), _ORIGIN) as work:
                act(work)
        except (CounterfoilError, SQLAlchemyError) as error:
            log.warning("something due waits", organization=where, error=type(error).__name__)
            return False
        return True


def _due(
    found: Unsound, homes: dict[UserId, OrganizationId]
) -> Iterator[tuple[OrganizationId, str, Callable[[Work], None]]]:
    """Yield where something is amiss, what, and the verb that closes it."""
    for user in found.users:
        yield homes[user], spell(Prefix.USER, user), partial(distrust_user, id_=user)
    for where, user in found.memberships:
        yield where, spell(Prefix.USER, user), partial(distrust_member, id_=user)
    for where, id_ in found.roles:
        yield where, spell(Prefix.ROLE, id_), partial(distrust_role, id_=id_)
    for where in found.policies:
        yield where, spell(Prefix.ORGANIZATION, where), distrust_policy


def _homes(tx: Connection, people: Iterable[UserId]) -> dict[UserId, OrganizationId]:
    """Return in whose trail it stands of each: an organization that knows them, or the oldest."""
    oldest = organization_ids(tx)[0]
    known = {user: OrganizationId(where) for where, user in ever_members(tx, people)}
    return {user: known.get(user, oldest) for user in people}


def _office_of(organization: OrganizationId) -> Caller:
    return Caller(organization, None, Method.SYSTEM, Grant(()))
