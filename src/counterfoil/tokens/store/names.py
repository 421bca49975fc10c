"""What tokens are called, for those who read of them elsewhere."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from counterfoil.kernel.ids import OrganizationId, RequestId, TokenId
from counterfoil.tokens.store.tables import grants, requests, tokens


def names_of(
    tx: Connection, organization: OrganizationId, ids: Collection[TokenId]
) -> dict[TokenId, str]:
    """Return what tokens that speak, or spoke, in an organization are called."""
    if not ids:
        return {}
    query = (
        select(tokens.c.id, tokens.c.name)
        .join(grants, grants.c.token_id == tokens.c.id)
        .where(grants.c.organization_id == organization, tokens.c.id.in_(ids))
    )
    return {TokenId(row.id): row.name for row in tx.execute(query)}


def names_asked_for(
    tx: Connection, organization: OrganizationId, ids: Collection[RequestId]
) -> dict[RequestId, str]:
    """Return what the tokens are called that requests in an organization ask for."""
    if not ids:
        return {}
    query = (
        select(requests.c.id, tokens.c.name)
        .join(tokens, tokens.c.id == requests.c.token_id)
        .where(requests.c.organization_id == organization, requests.c.id.in_(ids))
    )
    return {RequestId(row.id): row.name for row in tx.execute(query)}
