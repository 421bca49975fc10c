"""Roles: rows and model.

A role that is not as it was sealed allows nothing, nowhere, and is no built-in one (S5).
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from counterfoil.access.role import Role
from counterfoil.access.scope import NO_SCOPES, join, split
from counterfoil.directory.model import fold
from counterfoil.directory.store import seals
from counterfoil.directory.store.tables import roles
from counterfoil.kernel.errors import Code, Conflict, NotFound
from counterfoil.kernel.ids import NodeId, OrganizationId, RoleId
from counterfoil.kernel.sentence import sentence
from counterfoil.runtime.prepared import Prepared

ROLES: Final = select(*seals.ROLE.shown())
"""Every role, as it is compared with its seal."""

_ONE: Final = Prepared(
    ROLES.where(roles.c.organization_id == bindparam("here"), roles.c.id == bindparam("whose"))
)


def role(tx: Connection, organization: OrganizationId, id_: RoleId) -> Role:
    """Find a role of this organization, or raise NotFound."""
    row = _ONE.first(tx, {"here": organization, "whose": id_})
    if row is None:
        raise NotFound
    return as_role(tx, row)


def role_named(tx: Connection, organization: OrganizationId, name: str) -> Role:
    """Find a role of this organization by its name, however it is cased, or raise NotFound."""
    row = tx.execute(
        ROLES.where(roles.c.organization_id == organization, roles.c.name_folded == fold(name))
    ).one_or_none()
    if row is None:
        raise NotFound
    return as_role(tx, row)


def roles_in(tx: Connection, organization: OrganizationId) -> list[Role]:
    """Return all roles of an organization: the built-in ones first, then by name."""
    rows = tx.execute(
        ROLES.where(roles.c.organization_id == organization).order_by(
            roles.c.built_in.desc(), roles.c.name_folded
        )
    )
    return [as_role(tx, row) for row in rows]


def every_role(tx: Connection) -> list[Role]:
    """Return all roles of all organizations that are as they were sealed."""
    found = [as_role(tx, row) for row in tx.execute(ROLES.order_by(roles.c.id))]
    return [one for one in found if one.is_sound]


def add_role(tx: Connection, new: Role) -> None:
    """Write a new role, or raise Conflict NAME_TAKEN."""
    try:
        with tx.begin_nested():
            tx.execute(insert(roles).values(_columns(tx, new)))
    except IntegrityError:
        raise _taken(new) from None


def save_role(tx: Connection, changed: Role) -> None:
    """Write a role's new state.

    Raises:
        Conflict: NAME_TAKEN; or if somebody changed it in the database, and it is not closed yet.
    """
    seals.require_sound(is_sound=changed.is_sound)
    try:
        with tx.begin_nested():
            tx.execute(
                update(roles)
                .where(roles.c.organization_id == changed.organization, roles.c.id == changed.id)
                .values(_columns(tx, changed))
            )
    except IntegrityError:
        raise _taken(changed) from None


def drop_role(tx: Connection, gone: Role) -> None:
    """Remove a role that no member holds."""
    tx.execute(
        delete(roles).where(roles.c.organization_id == gone.organization, roles.c.id == gone.id)
    )


def as_role(tx: Connection, row: Any) -> Role:  # noqa: ANN401 - a row
    """Read a role from a row that begins as `ROLES` says."""
    if seals.ROLE.holds(tx, row):
        return _as_written(row)
    return Role(
        id=RoleId(row.id),
        organization=OrganizationId(row.organization_id),
        name=row.name,
        scopes=NO_SCOPES,
        roots=frozenset(),
        version=seals.counted(row.version, is_sound=False),
        is_sound=False,
    )


def _as_written(row: Any) -> Role:  # noqa: ANN401 - a row
    return Role(
        id=RoleId(row.id),
        organization=OrganizationId(row.organization_id),
        name=row.name,
        scopes=join(row.scopes, row.custom),
        roots=None if row.roots is None else frozenset(NodeId(root) for root in row.roots),
        built_in=row.built_in,
        version=row.version,
    )


def _columns(tx: Connection, one: Role) -> dict[str, object]:
    built_in, custom = split(one.scopes)
    columns = {
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
    return seals.ROLE.sealed(tx, columns)


def _taken(by: Role) -> Conflict:
    return Conflict(
        Code.NAME_TAKEN,
        sentence("There is a role named %(name)r already.", name=by.name),
        field="/data/attributes/name",
    )
