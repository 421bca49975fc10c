"""The whole directory at once, for a replica that is built anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from sqlalchemy import Connection, select

from counterfoil.directory.store.tables import (
    membership_roles,
    memberships,
    organizations,
    roles,
    users,
)
from counterfoil.kernel.ids import OrganizationId, RoleId, UserId
from counterfoil.runtime.stream import Beside, stream

Place: TypeAlias = tuple[UserId, OrganizationId, bool, int, tuple[RoleId, ...]]
"""A user, an organization, whether they are an active member, their cut-off there, their roles."""


def names_of_organizations(tx: Connection) -> dict[OrganizationId, str]:
    """Return what every organization is called."""
    rows = tx.execute(select(organizations.c.id, organizations.c.name))
    return {OrganizationId(row.id): row.name for row in rows}


def cut_offs_of_users(tx: Connection) -> Iterator[tuple[UserId, int]]:
    """Yield the users whose credentials are dead everywhere up to a position, and that position."""
    for user, at in tx.execute(select(users.c.id, users.c.cut_off).where(users.c.cut_off > 0)):
        yield UserId(user), at


def memberships_for_gates(tx: Connection) -> Iterator[Place]:
    """Yield all memberships, also those that have ended, with the organization's own roles."""
    joined = memberships.c.ended_at.is_(None) & memberships.c.invited_as.is_(None)
    active = memberships.c.enabled & joined & users.c.active
    places = select(
        memberships.c.user_id, memberships.c.organization_id, active, memberships.c.cut_off
    ).join(users, users.c.id == memberships.c.user_id)
    own = (roles.c.id == membership_roles.c.role_id) & (
        roles.c.organization_id == membership_roles.c.organization_id
    )
    held = select(membership_roles.c.user_id, roles.c.organization_id, roles.c.id).join(roles, own)
    with (
        stream(tx, places, memberships.c.user_id) as every,
        stream(tx, held, membership_roles.c.user_id) as live,
    ):
        beside = Beside(live)
        for user, organization, is_active, cut_off in every:
            its = [role for _, home, role in beside.of(user) if home == organization]
            yield user, organization, bool(is_active), cut_off, tuple(sorted(its))
