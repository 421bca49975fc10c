"""Which files the versions of assets name."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, select

from counterfoil.content.store.tables import versions
from counterfoil.kernel.ids import OrganizationId

_SQL_VARIABLES: Final = 500


def named(tx: Connection, organization: OrganizationId, digests: Collection[str]) -> set[str]:
    """Return those of these digests that some version names, also one of a trashed asset."""
    wanted, found = sorted(digests), set[str]()
    for start in range(0, len(wanted), _SQL_VARIABLES):
        rows = tx.execute(
            select(versions.c.sha256)
            .where(
                versions.c.organization_id == organization,
                versions.c.sha256.in_(wanted[start : start + _SQL_VARIABLES]),
            )
            .distinct()
        ).scalars()
        found.update(one for one in rows if one is not None)
    return found
