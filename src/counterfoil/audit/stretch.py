"""A stretch of an organization's entries, by their positions: what goes elsewhere in one piece.

Positions are taken under one lock that is held to the commit, so whoever sees an entry sees all
before it. A stretch never changes: it can be told again, and is the same.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from counterfoil.audit.record import VERSION, entries
from counterfoil.kernel.ids import OrganizationId


def end_of(tx: Connection, organization: OrganizationId, after: int, most: int) -> int | None:
    """Return the position that ends the next stretch of so many entries; None if there is none."""
    found = (
        select(entries.c.position)
        .where(entries.c.organization_id == organization, entries.c.position > after)
        .order_by(entries.c.position)
        .limit(most)
        .subquery()
    )
    end: int | None = tx.scalar(select(func.max(found.c.position)))
    return end


def written(tx: Connection, organization: OrganizationId, after: int, to: int) -> list[bytes]:
    """Return the entries after a position and up to another, as the JSON that was hashed.

    The hash of a leaf is over this with the byte of the version before it (R15).
    """
    rows = tx.scalars(
        select(entries.c.body)
        .where(entries.c.organization_id == organization)
        .where(entries.c.position > after, entries.c.position <= to)
        .order_by(entries.c.position)
    )
    return [bytes(body)[len(VERSION) :] for body in rows]
