"""Tokens whose holders are to be told of an end, and were not told yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    String,
    cast,
    func,
    select,
    type_coerce,
)

from counterfoil import notices
from counterfoil.kernel.ids import OrganizationId, Prefix, TokenId, UserId
from counterfoil.notices import Kind as Told
from counterfoil.secret import Kind
from counterfoil.tokens.model import LIVE
from counterfoil.tokens.store.rows import kind_name
from counterfoil.tokens.store.tables import grants, tokens

DAYS: Final = (1, 7, 30)
"""So many days before its end a token's holder is told, if it was made before that."""

ENDED: Final = "ended"
_BELATED: Final = timedelta(days=1)
"""Of an end that is longer ago nobody is told: they have noticed."""

_MOST: Final = 500
_REVIEWED: Final = 10_000
_ABOUT: Final = f"{Prefix.TOKEN}_" + cast(tokens.c.id, String)
_ends_at: Final = type_coerce(tokens.c.expires_at, BigInteger)
_made_at: Final = type_coerce(tokens.c.created_at, BigInteger)
_is_live: Final = (
    select(grants.c.token_id)
    .where(grants.c.token_id == tokens.c.id, grants.c.state.in_([str(state) for state in LIVE]))
    .exists()
)


def untold(
    tx: Connection, now: datetime, kinds: Iterable[Kind]
) -> list[tuple[OrganizationId, TokenId]]:
    """Return up to 500 tokens for each warning, and as many that have ended."""
    names = [kind_name(kind) for kind in kinds]
    found = _found(tx, names, (now - _BELATED, now), Told.TOKEN_EXPIRED, ENDED)
    shorter = now
    for days in DAYS:
        ahead = timedelta(days=days)
        old_enough = _ends_at - _made_at > ahead // timedelta(microseconds=1)
        told = Told.TOKEN_EXPIRING
        found += _found(tx, names, (shorter, now + ahead), told, str(days), old_enough)
        shorter = now + ahead
    return found


class Lasting(NamedTuple):
    """A token that is good for some time yet, and whom it is to."""

    id: TokenId
    name: str
    holder: UserId
    created_at: datetime
    expires_at: datetime | None


def longest(
    tx: Connection, organization: OrganizationId, now: datetime, kinds: Iterable[Kind]
) -> list[Lasting]:
    """Return the live tokens of an organization, up to ten thousand that live the longest."""
    holder = func.coalesce(tokens.c.owner_id, tokens.c.issuer_id)
    rows = tx.execute(
        select(tokens.c.id, tokens.c.name, holder, tokens.c.created_at, tokens.c.expires_at)
        .where(
            tokens.c.organization_id == organization,
            tokens.c.kind.in_([kind_name(kind) for kind in kinds]),
            tokens.c.expires_at.is_(None) | (tokens.c.expires_at > now),
            tokens.c.revoked_at.is_(None),
            holder.is_not(None),
            _is_live,
        )
        .order_by((_ends_at - _made_at).desc().nulls_first(), tokens.c.id)
        .limit(_REVIEWED)
    )
    return [Lasting(TokenId(row[0]), row[1], UserId(row[2]), row[3], row[4]) for row in rows]


def _found(
    tx: Connection,
    kinds: list[str],
    between: tuple[datetime, datetime],
    told: Told,
    mark: str,
    *conditions: ColumnElement[bool],
) -> list[tuple[OrganizationId, TokenId]]:
    query = (
        select(tokens.c.organization_id, tokens.c.id)
        .where(
            tokens.c.expires_at > between[0],
            tokens.c.expires_at <= between[1],
            tokens.c.kind.in_(kinds),
            tokens.c.revoked_at.is_(None),
            tokens.c.owner_id.is_not(None) | tokens.c.issuer_id.is_not(None),
            _is_live,
            ~notices.told(tokens.c.organization_id, _ABOUT, told, mark),
            *conditions,
        )
        .order_by(tokens.c.expires_at)
        .limit(_MOST)
    )
    return [(OrganizationId(row[0]), TokenId(row[1])) for row in tx.execute(query)]
