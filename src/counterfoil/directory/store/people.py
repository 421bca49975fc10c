"""Lists of members: who is sought, in which order, a piece at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select

from counterfoil.directory.model import Member, Person, fold
from counterfoil.directory.sought import ANYBODY, Presence, Sought
from counterfoil.directory.store.places import MEMBERS, read_members
from counterfoil.directory.store.rows import USERS, as_user
from counterfoil.directory.store.tables import membership_roles, memberships, users
from counterfoil.kernel.ids import OrganizationId, UserId
from counterfoil.kernel.page import Page, Wanted, number, unknown_cursor

_CALLED: Final = func.coalesce(memberships.c.invited_as, users.c.name)
"""What a member is called here: of who has yet to accept, nothing but what their inviter said."""


def people(
    tx: Connection, organization: OrganizationId, wanted: Wanted, sought: Sought = ANYBODY
) -> Page[Person]:
    """Return a piece of an organization's members.

    Raises:
        Malformed: for a cursor of another order.
    """
    here = MEMBERS.where(
        memberships.c.organization_id == organization,
        memberships.c.ended_at.is_(None),
        *_conditions(sought),
    )
    query = _ordered(tx, here, sought, wanted.after).offset(wanted.offset).limit(wanted.size + 1)
    found = read_members(tx, query)
    who = {
        row.id: as_user(tx, row)
        for row in tx.execute(USERS.where(users.c.id.in_([one.user for one in found])))
    }
    total = tx.execute(select(func.count()).select_from(here.subquery())).scalar_one()
    listed = [Person(who[one.user], one) for one in found]
    return Page.cut(listed, wanted, lambda one: _cursor(tx, sought, one), total)


def _conditions(sought: Sought) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if sought.query:
        called = func.lower(_CALLED).contains(sought.query.lower(), autoescape=True)
        address = users.c.email_folded.contains(fold(sought.query), autoescape=True)
        found.append(or_(called, address))
    if sought.role is not None:
        found.append(
            exists().where(
                membership_roles.c.organization_id == memberships.c.organization_id,
                membership_roles.c.user_id == memberships.c.user_id,
                membership_roles.c.role_id == sought.role,
            )
        )
    if sought.presence is not None:
        found.append(_PRESENT[sought.presence])
    return found


_LET_IN: Final = and_(memberships.c.enabled, users.c.active)
_PRESENT: Final = {
    Presence.ACTIVE: and_(_LET_IN, memberships.c.invited_as.is_(None)),
    Presence.INVITED: and_(_LET_IN, memberships.c.invited_as.is_not(None)),
    Presence.SHUT_OUT: ~_LET_IN,
}


def _ordered(tx: Connection, query: Select[Any], sought: Sought, after: str | None) -> Select[Any]:
    if not sought.by_name:
        query = query.order_by(memberships.c.user_id)
        return query if after is None else query.where(memberships.c.user_id > number(after))
    name = _name(tx)
    query = query.order_by(name, memberships.c.user_id)
    if after is None:
        return query
    try:
        last, id_ = msgspec.json.decode(after, type=tuple[str, int])
    except msgspec.DecodeError:
        raise unknown_cursor() from None
    return query.where(or_(name > last, and_(name == last, memberships.c.user_id > id_)))


def _cursor(tx: Connection, sought: Sought, one: Person) -> str:
    """Return where a page goes on after a member; as the database spells their name."""
    if not sought.by_name:
        return str(one.user.id)
    mine = (
        memberships.c.organization_id == one.member.organization,
        memberships.c.user_id == one.user.id,
    )
    called = select(_name(tx)).join(users, users.c.id == memberships.c.user_id).where(*mine)
    return msgspec.json.encode((tx.execute(called).scalar_one(), int(one.user.id))).decode()


def _name(tx: Connection) -> ColumnElement[Any]:
    name = func.lower(_CALLED)
    return name if tx.dialect.name == "sqlite" else name.collate("C")


def everybody(tx: Connection, organization: OrganizationId) -> list[Member]:
    """Return all members, be they here or away."""
    here = MEMBERS.where(
        memberships.c.organization_id == organization, memberships.c.ended_at.is_(None)
    )
    return read_members(tx, here.order_by(memberships.c.user_id))


def name_in(tx: Connection, organization: OrganizationId, user: UserId) -> str:
    """Return what a user is called here, be they a member, invited, gone, or a stranger."""
    place = and_(memberships.c.user_id == users.c.id, memberships.c.organization_id == organization)
    query = select(_CALLED).select_from(users.outerjoin(memberships, place))
    return str(tx.execute(query.where(users.c.id == user)).scalar_one())


def called(tx: Connection, ids: Iterable[UserId]) -> dict[UserId, str]:
    """Return what the people among these users are called; a service user is none."""
    names: dict[UserId, str] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), _AT_ONCE):
        some = users.c.id.in_(wanted[start : start + _AT_ONCE])
        for row in tx.execute(
            select(users.c.id, users.c.name).where(some, users.c.kind == _PERSON)
        ):
            names[UserId(row.id)] = row.name
    return names


_PERSON: Final = "person"
_AT_ONCE: Final = 500
