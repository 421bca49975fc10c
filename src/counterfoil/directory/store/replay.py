"""The whole directory at once, for a replica that is built anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias

import structlog
from sqlalchemy import ColumnElement, Connection, LargeBinary, select

from counterfoil.directory.store import seals
from counterfoil.directory.store.rows import USERS, as_user
from counterfoil.directory.store.tables import (
    membership_roles,
    memberships,
    organizations,
    roles,
    users,
)
from counterfoil.kernel.ids import OrganizationId, Prefix, RoleId, UserId, spell
from counterfoil.runtime.database import Instant
from counterfoil.runtime.seal import seal_of
from counterfoil.runtime.stream import Beside, bare, stream

log = structlog.get_logger(__name__)

Place: TypeAlias = tuple[UserId, OrganizationId, bool, int, tuple[RoleId, ...]]
"""A user, an organization, whether they are an active member, their cut-off there, their roles."""


def names_of_organizations(tx: Connection) -> dict[OrganizationId, str]:
    """Return what every organization is called."""
    rows = tx.execute(select(organizations.c.id, organizations.c.name))
    return {OrganizationId(row.id): row.name for row in rows}


def cut_offs_of_users(tx: Connection) -> Iterator[tuple[UserId, int]]:
    """Yield the users whose credentials are dead everywhere up to a position, and that position.

    Of whom somebody else has written nothing is told: none of their memberships is in force (S5).
    """
    for row in tx.execute(USERS.where(users.c.cut_off > 0)):
        one = as_user(tx, row)
        if one.is_sound:
            yield one.id, one.cut_off


def memberships_for_gates(tx: Connection) -> Iterator[Place]:
    """Yield all memberships, also those that have ended, with the organization's own roles.

    Those are left out that somebody else has written, or whose user (S5).
    """
    places = select(*map(_plainly, (*seals.MEMBERSHIP.shown(), *seals.USER.shown()))).join(
        users, users.c.id == memberships.c.user_id
    )
    own = (roles.c.id == membership_roles.c.role_id) & (
        roles.c.organization_id == membership_roles.c.organization_id
    )
    held = select(membership_roles.c.user_id, roles.c.organization_id, roles.c.id).join(roles, own)
    with (
        stream(tx, places, memberships.c.user_id) as every,
        stream(tx, held, membership_roles.c.user_id) as live,
    ):
        beside, seal = Beside(live), seal_of(tx)
        if seal is not None and not seal.spans_directory:
            seal = None
        for row in every:
            organization, id_, enabled, cut_off, _, ended_at, invited_as, *_ = row
            its = sorted([role for _, home, role in beside.of(id_) if home == organization])
            user = row[_THEIRS:]
            if seal is not None and not (
                seals.MEMBERSHIP.holds_plainly(seal, row, its)
                and seals.USER.holds_plainly(seal, user)
            ):
                log.error("a membership was changed in the database", user=spell(Prefix.USER, id_))
                continue
            active = enabled and user[_ACTIVE] and ended_at is None and invited_as is None
            yield id_, organization, bool(active), cut_off, tuple(its)


_THEIRS: Final = len(seals.MEMBERSHIP.shown())
_ACTIVE: Final = seals.USER.columns.index("active")


def _plainly(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a column as a seal is over it."""
    return bare(column) if isinstance(column.type, (Instant, LargeBinary)) else column
