"""Roles: rows and model."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from counterfoil.access.role import Role
from counterfoil.access.scope import join, split
from counterfoil.directory.model import fold
from counterfoil.directory.store.tables import roles
from counterfoil.kernel.errors import Code, Conflict, NotFound
from counterfoil.kernel.ids import NodeId, OrganizationId, RoleId
from counterfoil.kernel.sentence import sentence


def role(tx: Connection, organization: OrganizationId, id_: RoleId) -> Role:
    """Find a role of this organization, or raise NotFound."""
    row = tx.execute(
        select(roles).where(roles.c.organization_id == organization, roles.c.id == id_)
    ).one_or_none()
    if row is None:
        raise NotFound
    return as_role(row)


def role_named(tx: Connection, organization: OrganizationId, name: str) -> Role:
    """Find a role of this organization by its name, however it is cased, or raise NotFound."""
    row = tx.execute(
        select(roles).where(
            roles.c.organization_id == organization, roles.c.name_folded == fold(name)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return as_role(row)


def roles_in(tx: Connection, organization: OrganizationId) -> list[Role]:
    """Return all roles of an organization: the built-in ones first, then by name."""
    rows = tx.execute(
        select(roles)
        .where(roles.c.organization_id == organization)
        .order_by(roles.c.built_in.desc(), roles.c.name_folded)
    )
    return [as_role(row) for row in rows]


def every_role(tx: Connection) -> list[Role]:
    """Return all roles of all organizations."""
    return [as_role(row) for row in tx.execute(select(roles).order_by(roles.c.id))]


def add_role(tx: Connection, new: Role) -> None:
    """Write a new role, or raise Conflict NAME_TAKEN."""
    try:
        with tx.begin_nested():
            tx.execute(insert(roles).values(_columns(new)))
    except IntegrityError:
        raise _taken(new) from None


def save_role(tx: Connection, changed: Role) -> None:
    """Write a role's new state, or raise Conflict NAME_TAKEN."""
    try:
        with tx.begin_nested():
            tx.execute(
                update(roles)
                .where(roles.c.organization_id == changed.organization, roles.c.id == changed.id)
                .values(_columns(changed))
            )
    except IntegrityError:
        raise _taken(changed) from None


def drop_role(tx: Connection, gone: Role) -> None:
    """Remove a role that no member holds."""
    tx.execute(
        delete(roles).where(roles.c.organization_id == gone.organization, roles.c.id == gone.id)
    )


def as_role(row: Row[Any]) -> Role:
    """Read a role from a row that holds all columns of `role`."""
    return Role(
        id=RoleId(row.id),
        organization=OrganizationId(row.organization_id),
        name=row.name,
        scopes=join(row.scopes, row.custom),
        roots=None if row.roots is None else frozenset(NodeId(root) for root in row.roots),
        built_in=row.built_in,
        version=row.version,
    )


def _columns(one: Role) -> dict[str, object]:
    built_in, custom = split(one.scopes)
    return {
        "id": one.id,
        "organization_id": one.organization,
        "name": one.name,
        "name_folded": fold(one.name),
        "scopes": built_in,
        "custom": list(custom),
        "roots": None if one.roots is None else sorted(one.roots),
        "built_in": one.built_in,
        "version": one.version,
    }


def _taken(by: Role) -> Conflict:
    return Conflict(
        Code.NAME_TAKEN,
        sentence("There is a role named %(name)r already.", name=by.name),
        field="/data/attributes/name",
    )
