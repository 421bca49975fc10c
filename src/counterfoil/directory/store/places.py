"""Memberships and the roles that hang on them, out of their rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, select

from counterfoil.access.role import Role
from counterfoil.directory.model import Member
from counterfoil.directory.store import seals
from counterfoil.directory.store.roles import ROLES, as_role
from counterfoil.directory.store.tables import membership_roles, memberships, roles, users
from counterfoil.kernel.ids import OrganizationId, UserId
from counterfoil.runtime.prepared import Prepared

MEMBERS: Final = select(
    *seals.MEMBERSHIP.shown(), *(one.label(f"their_{one.key}") for one in seals.USER.shown())
).join(users, users.c.id == memberships.c.user_id)
"""Every membership, with its user beside it, as both are compared with their seals."""
_THEIRS: Final = len(seals.MEMBERSHIP.shown())


def read_members(tx: Connection, query: Select[Any]) -> list[Member]:
    """Return the members whom a query over `MEMBERS` finds, with the roles that they hold."""
    return as_members(tx, tx.execute(query).all())


def as_members(tx: Connection, rows: Sequence[Any]) -> list[Member]:
    """Return the members that rows of `MEMBERS` are about."""
    held = _roles_of(tx, sorted({(row.user_id, row.organization_id) for row in rows}))
    found = [_as_member(tx, row, held[row.user_id, row.organization_id]) for row in rows]
    if tx.dialect.name == "sqlite":  # where all that one work reads is of one state
        return found
    return [one if one.is_sound else _in_one_statement(tx, one) for one in found]


def _in_one_statement(tx: Connection, seen: Member) -> Member:
    """Return a member as one statement sees them and their roles.

    Whoever was given others between two statements seems to hold what was never sealed.
    """
    here = (memberships.c.organization_id == seen.organization, memberships.c.user_id == seen.user)
    rows = tx.execute(_WITH_ROLES.where(*here)).all()
    ids = [row.held for row in rows if row.held is not None]
    held = [as_role(tx, row) for row in tx.execute(ROLES.where(roles.c.id.in_(ids)))]
    return _as_member(tx, rows[0], sorted(held, key=lambda role: role.id))


_WITH_ROLES: Final = (
    MEMBERS.add_columns(roles.c.id.label("held"))
    .outerjoin(
        membership_roles,
        (membership_roles.c.organization_id == memberships.c.organization_id)
        & (membership_roles.c.user_id == memberships.c.user_id),
    )
    .outerjoin(
        roles,
        (roles.c.organization_id == membership_roles.c.organization_id)
        & (roles.c.id == membership_roles.c.role_id),
    )
)


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
        version=seals.counted(row.version, is_sound=is_sound),
        invited_as=row.invited_as,
        is_sound=is_sound,
    )
