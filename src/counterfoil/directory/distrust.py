"""What somebody changed of the directory in the database is closed, and that is on record (S5).

A gate that has followed the feed knows it as it was, and one that is built anew does not know it at
all. Nobody can say which of both somebody wanted: so it allows nothing until it is set again, by
the verb that is there for it. The same becomes of what somebody put back as it was earlier, seal
and all, where that gives more than this host was told last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Final, TypeAlias

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from counterfoil.access.caller import Caller, Method, Origin
from counterfoil.access.grant import Grant
from counterfoil.access.role import Role
from counterfoil.directory.edit_policy import PolicyEdited
from counterfoil.directory.model import Member, User, fold
from counterfoil.directory.presets import CLOSED, Policy
from counterfoil.directory.rules import name_of_copy
from counterfoil.directory.steps.changes import tell_member, tell_policy, tell_role
from counterfoil.directory.steps.replay import member_record, organization_record, role_record
from counterfoil.directory.steps.shut_out import shut_out
from counterfoil.directory.store.everywhere import ever_members, organization_ids
from counterfoil.directory.store.members import hold_places, save_member
from counterfoil.directory.store.policies import Rules, hold_as_it_is, save_policy
from counterfoil.directory.store.roles import role, roles_in, save_role
from counterfoil.directory.store.rows import (
    hold_organization,
    hold_user,
    organization,
    user_by_email,
)
from counterfoil.directory.store.sealed import Last, Seen, seen_after
from counterfoil.feed.event import AnyEvent, CutOff
from counterfoil.feed.known import CHANGED, EARLIER, Known, is_put_back
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import OrganizationId, Prefix, RoleId, UserId, spell
from counterfoil.office import Office
from counterfoil.operation import Work, operation
from counterfoil.runtime.embedded import UNREADABLE, at_all

AT_ONCE: Final = 2_000
"""So many users, with all their memberships, a turn looks at; and as many roles and policies."""

Act: TypeAlias = Callable[[Work], None]

_ORIGIN: Final = Origin("sweep")
_BY_TIME: Final = frozenset({Method.SYSTEM})

log = structlog.get_logger(__name__)


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


class Rounds:
    """Goes through the directory of an installation, some at a turn, and begins again.

    Args:
        office: of the installation.
        known: what this host was told last; None where nobody can say.
    """

    def __init__(self, office: Office, known: Known | None = None) -> None:
        self._office = office
        self._known = known
        self._last = Last()

    def turn(self) -> int:
        """Look at what comes next; return how much of it was closed."""
        with self._office.database.reading() as tx, at_all(tx):
            seen, self._last = seen_after(tx, self._last, AT_ONCE)
            homes = _homes(tx, [one.id for one in seen.users if self._is_amiss(one, _cut(one))])
        return sum(self._closed(*one) for one in self._due(seen, homes))

    def _due(
        self, seen: Seen, homes: dict[UserId, OrganizationId]
    ) -> Iterator[tuple[OrganizationId, str, Act]]:
        """Yield where something may be amiss, what, and what closes it if it is."""
        for user, home in homes.items():
            yield home, spell(Prefix.USER, user), partial(self._user, id_=user)
        for one in seen.members:
            if self._is_amiss(one, member_record(one)):
                what = spell(Prefix.USER, one.user)
                yield one.organization, what, partial(self._member, id_=one.user)
        for each in seen.roles:
            if self._is_amiss(each, role_record(each)):
                what = spell(Prefix.ROLE, each.id)
                yield each.organization, what, partial(self._role, id_=each.id)
        for rules in seen.rules:
            here = rules.organization
            if self._is_amiss(rules, organization_record(here, rules.name, rules.policy)):
                yield here, spell(Prefix.ORGANIZATION, here), self._rules

    def _closed(self, where: OrganizationId, what: str, act: Act) -> bool:
        try:
            with self._office.work(_office_of(where), _ORIGIN) as work:
                act(work)
                is_closed = bool(work.acts)
        except (CounterfoilError, SQLAlchemyError) as error:
            log.warning("something due waits", organization=where, error=type(error).__name__)
            return False
        except UNREADABLE:  # of what somebody else has written
            log.exception("what was changed in the database waits", what=what)
            return False
        if is_closed:
            log.error("something was changed in the database", organization=where, what=what)
        return is_closed

    def _is_amiss(self, one: User | Member | Role | Rules, event: AnyEvent) -> bool:
        return not one.is_sound or (self._known is not None and self._known.exceeded_by(event))

    def _why(self, work: Work, one: User | Member | Role | Rules, event: AnyEvent) -> str:
        """Say what is wrong with what is held now; empty for nothing."""
        if not one.is_sound:
            return CHANGED
        known = self._known
        return EARLIER if known and is_put_back(known, event, work.head(hold=True)) else ""

    def _user(self, work: Work, id_: UserId) -> None:
        user, places = hold_user(work.tx, id_), hold_places(work.tx, id_)
        if why := self._why(work, user, _cut(user)):
            distrust_user(work, user, places, why)

    def _member(self, work: Work, id_: UserId) -> None:
        hold_organization(work.tx, work.caller.organization)
        for one in hold_places(work.tx, id_):
            if one.organization == work.caller.organization and (
                why := self._why(work, one, member_record(one))
            ):
                distrust_member(work, one, why)

    def _role(self, work: Work, id_: RoleId) -> None:
        hold_organization(work.tx, work.caller.organization)
        found = role(work.tx, work.caller.organization, id_)
        if why := self._why(work, found, role_record(found)):
            distrust_role(work, found, why)

    def _rules(self, work: Work) -> None:
        here = work.caller.organization
        found, is_sound = hold_as_it_is(work.tx, here)
        rules = Rules(here, organization(work.tx, here).name, found, is_sound)
        if why := self._why(work, rules, organization_record(here, rules.name, found)):
            distrust_policy(work, found, why)


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


def _cut(user: User) -> CutOff:
    """Say up to where what somebody made is dead."""
    return CutOff(subject=user.id, at=user.cut_off)


def _homes(tx: Connection, people: Iterable[UserId]) -> dict[UserId, OrganizationId]:
    """Return in whose trail it stands of each: an organization that knows them, or the oldest."""
    wanted = list(people)
    known = {user: OrganizationId(where) for where, user in ever_members(tx, wanted)}
    return {user: known.get(user) or organization_ids(tx)[0] for user in wanted}


def _office_of(organization: OrganizationId) -> Caller:
    return Caller(organization, None, Method.SYSTEM, Grant(()))
