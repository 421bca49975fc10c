"""The live tokens of an organization, as those see them who weigh a policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, select

from counterfoil.kernel.ids import OrganizationId, TokenId, UserId
from counterfoil.secret import Kind
from counterfoil.tokens.model import LIVE
from counterfoil.tokens.store.cut import beside, is_cut_off
from counterfoil.tokens.store.last_used import used
from counterfoil.tokens.store.rows import kind_name
from counterfoil.tokens.store.tables import grants, tokens

_PIECE: Final = 500


class Lasting(NamedTuple):
    """A token that is good for some time yet.

    `home` is where it was made: one of all organizations may speak here and be at home elsewhere.
    `holder` is whom it is to, and None for what a program made. `used_at` is its last use here.
    """

    id: TokenId
    name: str
    kind: Kind
    home: OrganizationId
    holder: UserId | None
    made_at: datetime
    ends_at: datetime | None
    used_at: datetime | None


def lasting(
    tx: Connection, organization: OrganizationId, now: datetime, kinds: Iterable[Kind]
) -> Iterator[Lasting]:
    """Yield the live tokens that speak in an organization, the one used last coming first.

    Built-in ones are no matter of policy, and neither is what has expired or was cut off.
    """
    last = (used.c.organization_id == organization) & (used.c.token_id == tokens.c.id)
    query = (
        select(
            tokens.c.id,
            tokens.c.name,
            tokens.c.kind,
            tokens.c.organization_id,
            func.coalesce(tokens.c.owner_id, tokens.c.issuer_id),
            tokens.c.created_at,
            tokens.c.expires_at,
            used.c.at,
        )
        .join(grants, grants.c.token_id == tokens.c.id)
        .outerjoin(used, last)
        .where(
            grants.c.organization_id == organization,
            grants.c.state.in_([str(state) for state in LIVE]),
            tokens.c.kind.in_([kind_name(kind) for kind in kinds]),
            tokens.c.expires_at.is_(None) | (tokens.c.expires_at > now),
            func.coalesce(tokens.c.hardcoded_type, "") == "",
            ~is_cut_off,
        )
        .order_by(used.c.at.desc().nulls_last(), tokens.c.id)
    )
    for row in tx.execute(beside(query, grants.c.organization_id)).yield_per(_PIECE):
        holder = None if row[4] is None else UserId(row[4])
        home, kind = OrganizationId(row[3]), Kind[row[2].upper()]
        yield Lasting(TokenId(row[0]), row[1], kind, home, holder, *row[5:8])
