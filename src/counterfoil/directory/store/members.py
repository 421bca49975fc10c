"""Memberships, and the roles that hang on them.

Every look-up names the organization, and a role counts only if it is that organization's own: a
stray row in between gives no power (S21, S25).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    Connection,
    Select,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from counterfoil.access.role import Role
from counterfoil.directory.model import ADMIN, Member
from counterfoil.directory.store import seals
from counterfoil.directory.store.roles import ROLES, as_role
from counterfoil.directory.store.tables import membership_roles, memberships, roles, users
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import OrganizationId, RoleId, UserId
from counterfoil.runtime.prepared import Prepared

MEMBERS: Final = select(
    *seals.MEMBERSHIP.shown(), *(one.label(f"their_{one.key}") for one in seals.USER.shown())
).join(users, users.c.id == memberships.c.user_id)
"""Every membership, with its user beside it, as both are compared with their seals."""
_THEIRS: Final = len(seals.MEMBERSHIP.shown())

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
    return None if row is None else _as_members(tx, [row])[0]


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


def read_members(tx: Connection, query: Select[Any]) -> list[Member]:
    """Return the members whom a query over `MEMBERS` finds, with the roles that they hold."""
    return _as_members(tx, tx.execute(query).all())


def _as_members(tx: Connection, rows: Sequence[Any]) -> list[Member]:
    held = _roles_of(tx, sorted({(row.user_id, row.organization_id) for row in rows}))
    return [_as_member(tx, row, held[row.user_id, row.organization_id]) for row in rows]


_AT_ONCE: Final = 500
_HELD: Final = Prepared(
    ROLES.add_columns(membership_roles.c.user_id)
    .join(
        membership_roles,
        (membership_roles.c.organization_id == roles.c.organization_id)
        & (membership_roles.c.role_id == roles.c.id),
    )
    .where(
        membership_roles.c.organization_id.in_(bindparam("places", expanding=True)),
        membership_roles.c.user_id.in_(bindparam("users", expanding=True)),
    )
    .order_by(membership_roles.c.organization_id, roles.c.id)
)


def _roles_of(tx: Connection, of: Sequence[tuple[int, int]]) -> dict[tuple[int, int], list[Role]]:
    """Return the roles of users in organizations, in the order of their ids."""
    held: defaultdict[tuple[int, int], list[Role]] = defaultdict(list)
    known: dict[int, Role] = {}
    for start in range(0, len(of), _AT_ONCE):
        some = frozenset(of[start : start + _AT_ONCE])
        told = {
            "users": sorted({user for user, _ in some}),
            "places": sorted({organization for _, organization in some}),
        }
        for row in _HELD.all(tx, told):
            if (row.user_id, row.organization_id) in some:
                role = known.get(row.id) or known.setdefault(row.id, as_role(tx, row))
                held[row.user_id, row.organization_id].append(role)
    return held


def _as_member(tx: Connection, row: Any, held: list[Role]) -> Member:  # noqa: ANN401 - a row
    """Read a member; what is not as it was sealed is in force nowhere, and gives no role (S5)."""
    is_sound = seals.MEMBERSHIP.holds(tx, row, [role.id for role in held])
    return Member(
        organization=OrganizationId(row.organization_id),
        user=UserId(row.user_id),
        roles=tuple(held) if is_sound else (),
        enabled=row.enabled and is_sound,
        joined_at=row.joined_at,
        user_active=row.their_active and seals.USER.holds(tx, row[_THEIRS:]),
        own_cut_off=row.cut_off,
        user_cut_off=row.their_cut_off,
        ended_at=row.ended_at,
        version=row.version,
        invited_as=row.invited_as,
        is_sound=is_sound,
    )


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
