"""The tokens that an organization is the home of, and that may still open something."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from counterfoil.kernel.ids import OrganizationId, TokenId
from counterfoil.secret import Kind
from counterfoil.tokens.model import LIVE
from counterfoil.tokens.store.cut import beside, is_cut_off
from counterfoil.tokens.store.tables import grants, tokens

EVERY_KIND: Final = (Kind.PERSONAL, Kind.SERVICE, Kind.CLIENT, Kind.EXCHANGED)


def in_force(
    tx: Connection, home: OrganizationId, now: datetime, since: datetime | None = None
) -> list[TokenId]:
    """Return the tokens that are neither final, cut off nor expired; those alone made `since`."""
    speaks = select(grants.c.token_id).select_from(grants)
    live = (
        beside(speaks, grants.c.organization_id)
        .where(
            grants.c.token_id == tokens.c.id,
            grants.c.state.in_([str(state) for state in LIVE]),
            ~is_cut_off,
        )
        .correlate(tokens)
        .exists()
    )
    lasting = tokens.c.expires_at.is_(None) | (tokens.c.expires_at > now)
    query = select(tokens.c.id).where(tokens.c.organization_id == home, live, lasting)
    if since is not None:
        query = query.where(tokens.c.created_at >= since)
    return [TokenId(id_) for id_ in tx.execute(query.order_by(tokens.c.id)).scalars()]


def home_of(tx: Connection, id_: TokenId) -> OrganizationId | None:
    """Return the organization in which a token was made; None if there is no such token."""
    found = tx.execute(select(tokens.c.organization_id).where(tokens.c.id == id_)).scalar()
    return None if found is None else OrganizationId(found)
