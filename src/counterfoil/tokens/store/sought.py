"""What is sought of tokens, in SQL: conditions, orders, and where a page goes on in an order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    type_coerce,
)

from counterfoil.kernel.ids import OrganizationId, TokenId
from counterfoil.kernel.page import unknown_cursor
from counterfoil.tokens.model import LIVE, State
from counterfoil.tokens.sought import Key, Order, Sought, Standing
from counterfoil.tokens.store.cut import is_cut_off
from counterfoil.tokens.store.flags import flags
from counterfoil.tokens.store.last_used import used
from counterfoil.tokens.store.tables import grants, requests, secrets, tokens

LIVE_STATES: Final = [str(state) for state in LIVE]
standing: Final = case(
    (grants.c.state.in_(LIVE_STATES) & is_cut_off, str(State.REVOKED)), else_=grants.c.state
)
"""As `TokenGrant.standing` says it."""

_FOR_EVER: Final = 2**63 - 1
_NEVER: Final = -1
_HINT_CHARS: Final = 4


def conditions(sought: Sought, now: datetime) -> list[ColumnElement[bool]]:
    """Return what has to be true of a token and its grant."""
    created, expires = tokens.c.created_at, tokens.c.expires_at
    found: list[ColumnElement[bool]] = []
    if sought.standings:
        found.append(or_(*(_stands(one, now) for one in sought.standings)))
    if sought.query:
        found.append(_called(sought.query))
    if sought.expires_before is not None:
        found.append(expires < sought.expires_before)
    if sought.expires_after is not None:
        found.append(expires.is_(None) | (expires > sought.expires_after))
    if sought.created_before is not None:
        found.append(created < sought.created_before)
    if sought.created_after is not None:
        found.append(created > sought.created_after)
    if sought.over_since is not None:
        found.append(_not_over_before(sought.over_since))
    return [*found, *_of_use(sought)]


def _of_use(sought: Sought) -> list[ColumnElement[bool]]:
    """Return what has to be true of how a token was used."""
    found: list[ColumnElement[bool]] = []
    if sought.unused_since is not None:
        since = sought.unused_since
        found.append(and_(tokens.c.created_at < since, ~_beside(used, used.c.at >= since)))
    if sought.used_since is not None:
        found.append(_beside(used, used.c.at >= sought.used_since))
    if sought.used is not None:
        found.append(_if(_beside(used), wanted=sought.used))
    if sought.flagged is not None:
        up = _beside(flags, flags.c.dismissed_at.is_(None))
        found.append(_if(up, wanted=sought.flagged))
    return found


def ordered(tx: Connection, query: Select[Any], order: Order) -> Select[Any]:
    """Return a query over tokens and grants in an order that tells any two apart."""
    value = _value(tx, order.key)
    if order.descending:
        return query.order_by(value.desc(), tokens.c.id.desc())
    return query.order_by(value, tokens.c.id)


def after(tx: Connection, order: Order, cursor: str) -> ColumnElement[bool]:
    """Return what is true of all that comes after the row of a cursor, which may be gone by now.

    Raises:
        Malformed: for a cursor of another order.
    """
    try:
        value, id_ = msgspec.json.decode(cursor, type=tuple[str | int, int])
    except msgspec.DecodeError:
        raise unknown_cursor() from None
    if isinstance(value, str) is not (order.key is Key.NAME):
        raise unknown_cursor()
    column = _value(tx, order.key)
    last = literal(value)
    further = column < last if order.descending else column > last
    beyond = tokens.c.id < id_ if order.descending else tokens.c.id > id_
    return or_(further, and_(column == last, beyond))


def cursor(
    tx: Connection, organization: OrganizationId, order: Order, ids: Sequence[TokenId]
) -> dict[TokenId, str]:
    """Return where a page goes on after each of these tokens."""
    rows = tx.execute(
        select(tokens.c.id, _value(tx, order.key))
        .join(grants, grants.c.token_id == tokens.c.id)
        .where(grants.c.organization_id == organization, tokens.c.id.in_(ids))
    )
    return {TokenId(row[0]): msgspec.json.encode((row[1], row[0])).decode() for row in rows}


def _value(tx: Connection, key: Key) -> ColumnElement[Any]:
    if key is Key.NAME:
        name = func.lower(tokens.c.name)
        return name if tx.dialect.name == "sqlite" else name.collate("C")
    if key is Key.CREATED_AT:
        return type_coerce(tokens.c.created_at, BigInteger)
    if key is Key.EXPIRES_AT:
        return func.coalesce(type_coerce(tokens.c.expires_at, BigInteger), _FOR_EVER)
    last = (
        select(type_coerce(used.c.at, BigInteger))
        .where(used.c.organization_id == grants.c.organization_id, used.c.token_id == tokens.c.id)
        .correlate(grants, tokens)
        .scalar_subquery()
    )
    return func.coalesce(last, _NEVER)


def _stands(wanted: Standing, now: datetime) -> ColumnElement[bool]:
    is_over = tokens.c.expires_at.is_not(None) & (tokens.c.expires_at <= now)
    if wanted is Standing.EXPIRED:
        return standing.in_(LIVE_STATES) & is_over
    is_so = standing == wanted.value
    return is_so & ~is_over if wanted.value in LIVE_STATES else is_so


def _not_over_before(since: datetime) -> ColumnElement[bool]:
    """Say whether a token is not over, or was over then or later.

    When one was denied, lapsed or cut off stands in no row of its own: its request says it and,
    where there is none, when it was made.
    """
    ends = tokens.c.expires_at
    return or_(
        standing.in_(LIVE_STATES) & (ends.is_(None) | (ends >= since)),
        tokens.c.revoked_at >= since,
        tokens.c.created_at >= since,
        _beside(requests, requests.c.decided_at >= since),
    )


def _called(query: str) -> ColumnElement[bool]:
    called = func.lower(tokens.c.name).contains(query.lower(), autoescape=True)
    if len(query) != _HINT_CHARS:
        return called
    ends = secrets.c.hint.endswith(query, autoescape=True)
    return called | exists().where(secrets.c.token_id == tokens.c.id, ends)


def _beside(table: Table, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say whether a row of the same token in the same organization is in another table."""
    return exists().where(
        table.c.organization_id == grants.c.organization_id,
        table.c.token_id == tokens.c.id,
        *more,
    )


def _if(condition: ColumnElement[bool], *, wanted: bool) -> ColumnElement[bool]:
    return condition if wanted else ~condition
