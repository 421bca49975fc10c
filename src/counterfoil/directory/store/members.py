"""Memberships, and the roles that hang on them.

Every look-up names the organization, and a role counts only if it is that organization's own: a
stray row in between gives no power (S21, S25).
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Connection,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from counterfoil.directory.model import ADMIN, Member
from counterfoil.directory.store import seals
from counterfoil.directory.store.places import MEMBERS, as_members, read_members
from counterfoil.directory.store.tables import membership_roles, memberships, roles, users
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import OrganizationId, RoleId, UserId
from counterfoil.runtime.prepared import Prepared

_PLACE: Final = Prepared(
    MEMBERS.where(
        memberships.c.organization_id == bindparam("here"),
        memberships.c.user_id == bindparam("whose"),
    )
)


def member(tx: Connection, organization: OrganizationId, user: UserId) -> Member:
    """Find a user's place in an organization.

    Raises:
        NotFound: for a stranger, and for a membership that has ended.
    """
    found = former_member(tx, organization, user)
    if found is None or found.ended_at is not None:
        raise NotFound
    return found


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
    row = _PLACE.first(tx, {"here": organization, "whose": user})
    return None if row is None else as_members(tx, [row])[0]


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
    here = MEMBERS.where(
        memberships.c.organization_id == organization,
        memberships.c.ended_at.is_(None),
        memberships.c.enabled,
        memberships.c.invited_as.is_(None),
        users.c.active,
        users.c.kind == "person",
    )
    found = read_members(tx, here.order_by(memberships.c.user_id))
    return [one for one in found if one.active]


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
    tx.execute(insert(memberships).values(_columns(tx, new)))
    _write_roles(tx, new)


def save_member(tx: Connection, changed: Member) -> None:
    """Write a membership's new state and its roles.

    Raises:
        Conflict: if somebody changed it in the database, and it was not shut out since.
    """
    seals.require_sound(is_sound=changed.is_sound)
    tx.execute(
        update(memberships)
        .where(
            memberships.c.organization_id == changed.organization,
            memberships.c.user_id == changed.user,
        )
        .values(_columns(tx, changed))
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


def _columns(tx: Connection, one: Member) -> dict[str, object]:
    columns = {
        "organization_id": one.organization,
        "user_id": one.user,
        "enabled": one.enabled,
        "cut_off": one.own_cut_off,
        "joined_at": one.joined_at,
        "ended_at": one.ended_at,
        "invited_as": one.invited_as,
        "version": one.version,
    }
    return seals.MEMBERSHIP.sealed(tx, columns, one.role_ids)
