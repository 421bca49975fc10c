"""Which tokens take the authority of some users, or of a role."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, or_, select

from counterfoil.kernel.ids import OrganizationId
from counterfoil.secret import Kind
from counterfoil.tokens.model import Authority, Token
from counterfoil.tokens.store.cut import beside
from counterfoil.tokens.store.rows import kind_name, load
from counterfoil.tokens.store.sought import LIVE_STATES, standing
from counterfoil.tokens.store.tables import grants, tokens

_KINDS: Final = [kind_name(kind) for kind in (Kind.PERSONAL, Kind.SERVICE, Kind.CLIENT)]
_AT_ONCE: Final = 500


def resting_on(
    tx: Connection,
    organization: OrganizationId,
    authority: Authority,
    subjects: Collection[int],
    now: datetime,
) -> list[Token]:
    """Return the live tokens and pairs of an organization that rest on these users or roles."""
    found: list[Token] = []
    wanted = sorted(subjects)
    for start in range(0, len(wanted), _AT_ONCE):
        query = beside(
            select(tokens).join(grants, grants.c.token_id == tokens.c.id),
            grants.c.organization_id,
        ).where(
            grants.c.organization_id == organization,
            tokens.c.kind.in_(_KINDS),
            tokens.c.authority == authority,
            tokens.c.subject_id.in_(wanted[start : start + _AT_ONCE]),
            standing.in_(LIVE_STATES),
            or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now),
        )
        found += load(tx, query.order_by(tokens.c.created_at, tokens.c.id))
    return found
