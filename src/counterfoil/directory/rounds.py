"""The rounds that find what somebody changed of the directory in the database, or put back (S5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final, TypeAlias

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from counterfoil.access.caller import Caller, Method, Origin
from counterfoil.access.grant import Grant
from counterfoil.access.role import Role
from counterfoil.directory.distrust import (
    distrust_cut,
    distrust_member,
    distrust_policy,
    distrust_role,
    distrust_user,
)
from counterfoil.directory.model import Member, User
from counterfoil.directory.steps.replay import (
    cut_record,
    member_record,
    organization_record,
    role_record,
)
from counterfoil.directory.store.cut_offs import Cut, cut
from counterfoil.directory.store.everywhere import ever_members, organization_ids
from counterfoil.directory.store.members import hold_places
from counterfoil.directory.store.policies import Rules, hold_as_it_is
from counterfoil.directory.store.roles import role
from counterfoil.directory.store.rows import (
    hold_organization,
    hold_user,
    organization,
)
from counterfoil.directory.store.sealed import Last, Seen, seen_after
from counterfoil.feed.event import AnyEvent, CutOff
from counterfoil.feed.known import CHANGED, EARLIER, Known, is_put_back
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import OrganizationId, Prefix, RoleId, UserId, spell
from counterfoil.office import Office
from counterfoil.operation import Work
from counterfoil.runtime.embedded import UNREADABLE, at_all

AT_ONCE: Final = 2_000
"""So many users, with all their memberships, a turn looks at; and as many roles and policies."""

Act: TypeAlias = Callable[[Work], None]
Sealed: TypeAlias = User | Member | Role | Rules | Cut

_ORIGIN: Final = Origin("sweep")

log = structlog.get_logger(__name__)


def close_amiss(office: Office, where: OrganizationId, what: str, act: Act) -> bool:
    """Have an act look once more at what may be amiss, and close it; say whether it did.

    What cannot be looked at is left to the next round.
    """
    try:
        with office.work(_office_of(where), _ORIGIN) as work, at_all(work.tx):
            act(work)
            has_acted = bool(work.acts)
    except (CounterfoilError, SQLAlchemyError) as error:
        log.warning("something due waits", organization=where, error=type(error).__name__)
        return False
    except UNREADABLE:  # of what somebody else has written
        log.exception("what was changed in the database waits", what=what)
        return False
    if has_acted:
        log.error("something was changed in the database", organization=where, what=what)
    return has_acted


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
            ended = [one for one in seen.cuts if self._is_amiss(one, cut_record(tx, one))]
            homes = _homes(tx, [one.id for one in seen.users if self._is_amiss(one, _cut(one))])
        due = (*self._due(seen, homes), *(self._ended(one) for one in ended))
        return sum(close_amiss(self._office, *one) for one in due)

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

    def _ended(self, one: Cut) -> tuple[OrganizationId, str, Act]:
        return one.organization, spell(Prefix.ORGANIZATION, one.organization), self._cut

    def _is_amiss(self, one: Sealed, event: AnyEvent) -> bool:
        return not one.is_sound or (self._known is not None and self._known.exceeded_by(event))

    def _why(self, work: Work, one: Sealed, event: AnyEvent) -> str:
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

    def _cut(self, work: Work) -> None:
        here = work.caller.organization
        hold_organization(work.tx, here)
        found = cut(work.tx, here)
        if why := self._why(work, found, cut_record(work.tx, found)):
            distrust_cut(work, why)


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
