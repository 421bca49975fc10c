"""Organizations and people of a whole installation, for what its operator does to all of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, func, select

from counterfoil.directory.store.tables import (
    apis,
    memberships,
    organizations,
    policies,
    roles,
    users,
)
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import OrganizationId, RoleId, UserId

_BELOW: Final = 500


def organization_ids(tx: Connection) -> list[OrganizationId]:
    """Return every organization, the oldest first."""
    found = select(organizations.c.id).order_by(organizations.c.created_at, organizations.c.id)
    return [OrganizationId(id_) for id_ in tx.execute(found).scalars()]


def asking_for_provider(tx: Connection) -> list[OrganizationId]:
    """Return the organizations that are entered only by who came by a provider."""
    found = select(policies.c.organization_id).where(policies.c.provider_only)
    return [OrganizationId(id_) for id_ in tx.scalars(found.order_by(policies.c.organization_id))]


def homes(tx: Connection) -> dict[UserId, OrganizationId]:
    """Return every person with one of the organizations that know them, former ones too."""
    known = (
        select(memberships.c.user_id, func.min(memberships.c.organization_id).label("home"))
        .join(users, users.c.id == memberships.c.user_id)
        .where(users.c.kind == "person")
        .group_by(memberships.c.user_id)
    )
    return {UserId(row.user_id): OrganizationId(row.home) for row in tx.execute(known)}


def ever_members(tx: Connection, people: Iterable[int]) -> set[tuple[int, int]]:
    """Return where these users belong or ever did: organization and user."""
    found: set[tuple[int, int]] = set()
    wanted = sorted(set(people))
    for start in range(0, len(wanted), _BELOW):
        some = memberships.c.user_id.in_(wanted[start : start + _BELOW])
        query = select(memberships.c.organization_id, memberships.c.user_id).where(some)
        found.update((row.organization_id, row.user_id) for row in tx.execute(query))
    return found


def home_of_role(tx: Connection, id_: RoleId) -> OrganizationId:
    """Return the organization whose role that is, or raise NotFound."""
    found = tx.scalar(select(roles.c.organization_id).where(roles.c.id == id_))
    if found is None:
        raise NotFound
    return OrganizationId(found)


def homes_of_apis(tx: Connection, ids: Iterable[int]) -> dict[int, int]:
    """Return the organizations in which these APIs are registered, or ever were."""
    found: dict[int, int] = {}
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _BELOW):
        some = apis.c.id.in_(wanted[start : start + _BELOW])
        query = select(apis.c.id, apis.c.organization_id).where(some)
        found.update({row.id: row.organization_id for row in tx.execute(query)})
    return found
