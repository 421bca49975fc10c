"""Saved queries in the database: a person's own, in one organization."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, delete, select

from counterfoil.directory.model import SavedQuery, fold
from counterfoil.directory.store.tables import saved_queries as table
from counterfoil.kernel.ids import OrganizationId, UserId
from counterfoil.runtime.database import insert_or


def queries_of(tx: Connection, organization: OrganizationId, user: UserId) -> list[SavedQuery]:
    """Return what a person keeps here, in the order of the names."""
    query = select(table).where(*_of(organization, user)).order_by(table.c.name_folded)
    return [SavedQuery(row.name, row.asks) for row in tx.execute(query)]


def keep(tx: Connection, organization: OrganizationId, user: UserId, new: SavedQuery) -> None:
    """Keep a query, in the place of the one that had its name."""
    named = {"name": new.name, "asks": dict(new.asks)}
    kept = insert_or(tx, table).values(
        organization_id=organization, user_id=user, name_folded=fold(new.name), **named
    )
    same = list(table.primary_key.columns)
    tx.execute(kept.on_conflict_do_update(index_elements=same, set_=named))


def drop(tx: Connection, organization: OrganizationId, user: UserId, name: str) -> bool:
    """Forget the query of this name; say no if the person has none."""
    mine = (*_of(organization, user), table.c.name_folded == fold(name))
    return bool(tx.execute(delete(table).where(*mine).returning(table.c.name)).all())


def _of(organization: OrganizationId, user: UserId) -> Sequence[ColumnElement[bool]]:
    return (table.c.organization_id == organization, table.c.user_id == user)
