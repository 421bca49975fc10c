"""Tokens whose holders are to be told of an end, and were not told yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    String,
    cast,
    select,
    type_coerce,
)

from counterfoil import notices
from counterfoil.kernel.ids import OrganizationId, Prefix, TokenId
from counterfoil.notices import Kind as Told
from counterfoil.secret import Kind
from counterfoil.tokens.model import LIVE, REMINDERS
from counterfoil.tokens.store.cut import beside, is_cut_off
from counterfoil.tokens.store.reminders import wants
from counterfoil.tokens.store.rows import kind_name
from counterfoil.tokens.store.tables import grants, tokens

ENDED: Final = "ended"
_BELATED: Final = timedelta(days=1)
"""Of an end that is longer ago nobody is told: they have noticed."""

_MOST: Final = 500
_ABOUT: Final = f"{Prefix.TOKEN}_" + cast(tokens.c.id, String)
_ends_at: Final = type_coerce(tokens.c.expires_at, BigInteger)
_made_at: Final = type_coerce(tokens.c.created_at, BigInteger)
_is_live: Final = (
    beside(select(grants.c.token_id).select_from(grants), grants.c.organization_id)
    .where(
        grants.c.token_id == tokens.c.id,
        grants.c.state.in_([str(state) for state in LIVE]),
        ~is_cut_off,
    )
    .correlate(tokens)
    .exists()
)
"""Whether a token lives anywhere: what was cut off in one organization may go on in others."""


def untold(
    tx: Connection, now: datetime, kinds: Iterable[Kind]
) -> list[tuple[OrganizationId, TokenId]]:
    """Return up to 500 tokens for each reminder, and as many that have ended.

    Of those that are due it is the latest: whoever is told of the last day needs no other. A token
    that was made later than a reminder would have come has no use for it.
    """
    names = [kind_name(kind) for kind in kinds]
    found = _found(tx, names, (now - _BELATED, now), Told.TOKEN_EXPIRED, ENDED)
    later: list[ColumnElement[bool]] = []
    for days in sorted(REMINDERS):
        ahead = timedelta(days=days)
        old_enough = _ends_at - _made_at > ahead // timedelta(microseconds=1)
        told, wanted = Told.TOKEN_EXPIRING, wants(days)
        found += _found(tx, names, (now, now + ahead), told, str(days), old_enough, wanted, *later)
        later.append(~(wanted & (tokens.c.expires_at <= now + ahead)))
    return found


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
