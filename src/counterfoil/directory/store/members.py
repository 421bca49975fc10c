"""Memberships, and the roles that hang on them.

Every look-up names the organization, and a role counts only if it is that organization's own: a
stray row in between gives no power (S21, S25).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, case, delete, exists, func, insert, select, update

from counterfoil.access.role import Role
from counterfoil.directory.model import ADMIN, Member
from counterfoil.directory.store.roles import as_role
from counterfoil.directory.store.tables import membership_roles, memberships, roles, users
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import OrganizationId, RoleId, UserId

MEMBERS: Final = select(
    memberships,
    users.c.active.label("user_active"),
    users.c.cut_off.label("user_cut_off"),
).join(users, users.c.id == memberships.c.user_id)
"""Every membership, with what its user lends it."""

cut_offs: Final = (
    select(
        memberships.c.organization_id,
        memberships.c.user_id,
        case(
            (users.c.cut_off > memberships.c.cut_off, users.c.cut_off),
            else_=memberships.c.cut_off,
        ).label("position"),
    )
    .join(users, users.c.id == memberships.c.user_id)
    .subquery("cut_off")
)
"""For the queries of others: a member's own credentials are dead that were made up to there."""


def member(tx: Connection, organization: OrganizationId, user: UserId) -> Member:
    """Find a user's place in an organization.

    Raises:
        NotFound: for a stranger, and for a membership that has ended.
    """
    return _one(tx, _place(organization, user).where(memberships.c.ended_at.is_(None)))


def hold_member(tx: Connection, organization: OrganizationId, user: UserId) -> Member:
    """Find a member, and let nobody else hold them before this work commits.

    Raises:
        NotFound: for a stranger, and for a membership that has ended.
    """
    tx.execute(
        select(memberships.c.version)
        .where(memberships.c.organization_id == organization, memberships.c.user_id == user)
        .with_for_update(key_share=True)
    )
    return member(tx, organization, user)


def former_member(tx: Connection, organization: OrganizationId, user: UserId) -> Member | None:
    """Find a place in an organization, also one that has ended."""
    found = read_members(tx, _place(organization, user))
    return found[0] if found else None


def memberships_of(tx: Connection, user: UserId, *, ended: bool = False) -> list[Member]:
    """Return a user's places in all organizations, where they are longest first.

    With `ended`, the former ones too.
    """
    query = MEMBERS.where(memberships.c.user_id == user)
    if not ended:
        query = query.where(memberships.c.ended_at.is_(None))
    first = (memberships.c.joined_at, memberships.c.organization_id)
    return read_members(tx, query.order_by(*first))


def hold_places(tx: Connection, user: UserId) -> list[Member]:
    """Return a user's places, former ones too, and let nobody else hold them before the commit."""
    tx.execute(
        select(memberships.c.version)
        .where(memberships.c.user_id == user)
        .order_by(memberships.c.organization_id)
        .with_for_update(key_share=True)
    )
    return memberships_of(tx, user, ended=True)


def approvers(tx: Connection, organization: OrganizationId) -> list[Member]:
    """Return the people here who may come in now; whoever asks looks at their terms."""
    return read_members(
        tx,
        MEMBERS.where(
            memberships.c.organization_id == organization,
            memberships.c.ended_at.is_(None),
            memberships.c.enabled,
            memberships.c.invited_as.is_(None),
            users.c.active,
            users.c.kind == "person",
        ).order_by(memberships.c.user_id),
    )


def admins_beside(tx: Connection, organization: OrganizationId, user: UserId) -> int:
    """Count the people who are active admins here, this one aside."""
    holds_admin = exists().where(
        membership_roles.c.organization_id == memberships.c.organization_id,
        membership_roles.c.user_id == memberships.c.user_id,
        roles.c.organization_id == membership_roles.c.organization_id,
        roles.c.id == membership_roles.c.role_id,
        roles.c.built_in,
        roles.c.name == ADMIN,
    )
    return tx.execute(
        select(func.count())
        .select_from(memberships.join(users, users.c.id == memberships.c.user_id))
        .where(
            memberships.c.organization_id == organization,
            memberships.c.user_id != user,
            memberships.c.ended_at.is_(None),
            memberships.c.enabled,
            memberships.c.invited_as.is_(None),
            users.c.active,
            users.c.kind == "person",
            holds_admin,
        )
    ).scalar_one()


def holders(tx: Connection, organization: OrganizationId, role: RoleId) -> int:
    """Count the members who hold a role."""
    return tx.execute(
        select(func.count())
        .select_from(membership_roles)
        .where(
            membership_roles.c.organization_id == organization,
            membership_roles.c.role_id == role,
        )
    ).scalar_one()


def members_with(tx: Connection, organization: OrganizationId, role: RoleId) -> list[Member]:
    """Return the members who hold a role, be they here or away."""
    holds = exists().where(
        membership_roles.c.organization_id == memberships.c.organization_id,
        membership_roles.c.user_id == memberships.c.user_id,
        membership_roles.c.role_id == role,
    )
    here = MEMBERS.where(
        memberships.c.organization_id == organization, memberships.c.ended_at.is_(None), holds
    )
    return read_members(tx, here.order_by(memberships.c.user_id))


def add_member(tx: Connection, new: Member) -> None:
    """Write a new membership and its roles."""
    tx.execute(insert(memberships).values(_columns(new)))
    _write_roles(tx, new)


def save_member(tx: Connection, changed: Member) -> None:
    """Write a membership's new state and its roles."""
    tx.execute(
        update(memberships)
        .where(
            memberships.c.organization_id == changed.organization,
            memberships.c.user_id == changed.user,
        )
        .values(_columns(changed))
    )
    tx.execute(
        delete(membership_roles).where(
            membership_roles.c.organization_id == changed.organization,
            membership_roles.c.user_id == changed.user,
        )
    )
    _write_roles(tx, changed)


def _write_roles(tx: Connection, of: Member) -> None:
    rows = [
        {"organization_id": of.organization, "user_id": of.user, "role_id": role}
        for role in of.role_ids
    ]
    if rows:
        tx.execute(insert(membership_roles), rows)


def _place(organization: OrganizationId, user: UserId) -> Select[Any]:
    return MEMBERS.where(
        memberships.c.organization_id == organization, memberships.c.user_id == user
    )


def _one(tx: Connection, query: Select[Any]) -> Member:
    found = read_members(tx, query)
    if not found:
        raise NotFound
    return found[0]


def read_members(tx: Connection, query: Select[Any]) -> list[Member]:
    """Return the members whom a query over `MEMBERS` finds, with the roles that they hold."""
    rows = tx.execute(query).all()
    held = _roles_of(tx, {row.user_id for row in rows})
    return [_as_member(row, held[row.organization_id, row.user_id]) for row in rows]


def _roles_of(tx: Connection, of: Iterable[int]) -> dict[tuple[int, int], list[Role]]:
    held: defaultdict[tuple[int, int], list[Role]] = defaultdict(list)
    wanted = sorted(of)
    for start in range(0, len(wanted), _AT_ONCE):
        rows = tx.execute(
            select(roles, membership_roles.c.user_id)
            .join(
                membership_roles,
                (membership_roles.c.organization_id == roles.c.organization_id)
                & (membership_roles.c.role_id == roles.c.id),
            )
            .where(membership_roles.c.user_id.in_(wanted[start : start + _AT_ONCE]))
            .order_by(roles.c.id)
        )
        for row in rows:
            held[row.organization_id, row.user_id].append(as_role(row))
    return held


_AT_ONCE: Final = 500


def _as_member(row: Row[Any], held: list[Role]) -> Member:
    return Member(
        organization=OrganizationId(row.organization_id),
        user=UserId(row.user_id),
        roles=tuple(held),
        enabled=row.enabled,
        joined_at=row.joined_at,
        user_active=row.user_active,
        own_cut_off=row.cut_off,
        user_cut_off=row.user_cut_off,
        ended_at=row.ended_at,
        version=row.version,
        invited_as=row.invited_as,
    )


def _columns(one: Member) -> dict[str, object]:
    return {
        "organization_id": one.organization,
        "user_id": one.user,
        "enabled": one.enabled,
        "cut_off": one.own_cut_off,
        "joined_at": one.joined_at,
        "ended_at": one.ended_at,
        "invited_as": one.invited_as,
        "version": one.version,
    }
