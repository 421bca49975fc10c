"""The locales of an organization as rows; one that never chose any has `en`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select

from counterfoil.content.store.tables import locales as table
from counterfoil.kernel.ids import OrganizationId

USUAL: Final = ("en",)
_LOCALES: Final = (
    select(table.c.code)
    .where(table.c.organization_id == bindparam("organization"))
    .order_by(table.c.place)
)


def locales(tx: Connection, organization: OrganizationId) -> tuple[str, ...]:
    """Return the locales in their order; the first is the default."""
    return tuple(tx.scalars(_LOCALES, {"organization": organization})) or USUAL


def save(tx: Connection, organization: OrganizationId, codes: Sequence[str]) -> None:
    """Write these locales instead of those that there are."""
    tx.execute(delete(table).where(table.c.organization_id == organization))
    rows = [
        {"organization_id": organization, "code": code, "place": place}
        for place, code in enumerate(codes)
    ]
    tx.execute(insert(table), rows)
