"""How many tokens there are, by what each is now: those of people, and all of an installation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, Label, case, func, select

from counterfoil.kernel.ids import OrganizationId, UserId
from counterfoil.runtime.embedded import at_all
from counterfoil.secret import Kind
from counterfoil.tokens.sought import Standing
from counterfoil.tokens.store.cut import beside
from counterfoil.tokens.store.rows import kind_name
from counterfoil.tokens.store.sought import LIVE_STATES, standing
from counterfoil.tokens.store.tables import grants, tokens


def counted(
    tx: Connection, organization: OrganizationId, owners: Sequence[UserId], now: datetime
) -> dict[UserId, dict[Standing, int]]:
    """Count the personal tokens of each owner in an organization; whose are none is left out."""
    said = _said(now)
    query = beside(
        select(tokens.c.owner_id, said, func.count().label("many")).select_from(
            tokens.join(grants, grants.c.token_id == tokens.c.id)
        ),
        grants.c.organization_id,
    ).where(
        grants.c.organization_id == organization,
        tokens.c.kind == kind_name(Kind.PERSONAL),
        tokens.c.owner_id.in_(list(owners)),
    )
    found: defaultdict[UserId, dict[Standing, int]] = defaultdict(dict)
    for row in tx.execute(query.group_by(tokens.c.owner_id, said)):
        found[UserId(row.owner_id)][Standing(row.standing)] = row.many
    return dict(found)


def counted_here(tx: Connection, organization: OrganizationId, now: datetime) -> dict[Kind, int]:
    """Count the live tokens that speak in an organization, by kind; built-in ones are left out.

    So is what is of no kind at all: somebody else has written it.
    """
    query = beside(
        select(tokens.c.kind, func.count().label("many")).select_from(
            tokens.join(grants, grants.c.token_id == tokens.c.id)
        ),
        grants.c.organization_id,
    ).where(
        grants.c.organization_id == organization,
        standing.in_(LIVE_STATES),
        tokens.c.expires_at.is_(None) | (tokens.c.expires_at > now),
        func.coalesce(tokens.c.hardcoded_type, "") == "",
    )
    with at_all(tx):
        found = {row.kind: row.many for row in tx.execute(query.group_by(tokens.c.kind))}
    return {kind: found[name] for kind in Kind if (name := kind_name(kind)) in found}


def counted_everywhere(tx: Connection, now: datetime) -> dict[tuple[str, Standing], int]:
    """Count the tokens of an installation where they speak, by kind; that reads all of them."""
    said = _said(now)
    query = beside(
        select(tokens.c.kind, said, func.count().label("many")).select_from(
            tokens.join(grants, grants.c.token_id == tokens.c.id)
        ),
        grants.c.organization_id,
    )
    rows = tx.execute(query.group_by(tokens.c.kind, said))
    return {(row.kind, Standing(row.standing)): row.many for row in rows}


def _said(now: datetime) -> Label[str]:
    """Return what a token is called: a live one whose time is over is expired."""
    is_over = tokens.c.expires_at.is_not(None) & (tokens.c.expires_at <= now)
    over = standing.in_(LIVE_STATES) & is_over
    return case((over, str(Standing.EXPIRED)), else_=standing).label("standing")
