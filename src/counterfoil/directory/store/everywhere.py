"""Organizations and people of a whole installation, for what its operator does to all of them."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from counterfoil.directory.store.tables import memberships, organizations, users
from counterfoil.kernel.ids import OrganizationId, UserId


def organization_ids(tx: Connection) -> list[OrganizationId]:
    """Return every organization, the oldest first."""
    found = select(organizations.c.id).order_by(organizations.c.created_at, organizations.c.id)
    return [OrganizationId(id_) for id_ in tx.execute(found).scalars()]


def homes(tx: Connection) -> dict[UserId, OrganizationId]:
    """Return every person with one of the organizations that know them, former ones too."""
    known = (
        select(memberships.c.user_id, func.min(memberships.c.organization_id).label("home"))
        .join(users, users.c.id == memberships.c.user_id)
        .where(users.c.kind == "person")
        .group_by(memberships.c.user_id)
    )
    return {UserId(row.user_id): OrganizationId(row.home) for row in tx.execute(known)}
