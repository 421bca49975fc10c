"""Which tokens: lists of them, counts, and families."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    bindparam,
    exists,
    func,
    or_,
    select,
    union_all,
)

from counterfoil import directory
from counterfoil.kernel.ids import OrganizationId, TokenId, UserId
from counterfoil.kernel.page import Page, Wanted
from counterfoil.runtime.prepared import Prepared
from counterfoil.secret import Kind
from counterfoil.tokens.model import Token
from counterfoil.tokens.sought import ANY, NEWEST, Order, Sought
from counterfoil.tokens.store.cut import beside, is_cut_off
from counterfoil.tokens.store.rows import kind_name, load, whole
from counterfoil.tokens.store.sought import (
    LIVE_STATES,
    after,
    conditions,
    cursor,
    ordered,
    standing,
)
from counterfoil.tokens.store.tables import grants, secrets, tokens, widened

_MAKERS: Final[BindParameter[Any]] = bindparam("makers", expanding=True)
_HOME: Final[BindParameter[Any]] = bindparam("home")
_IS_LIVE: Final = exists().where(grants.c.token_id == tokens.c.id, grants.c.state.in_(LIVE_STATES))
_MADE: Final = Prepared(
    union_all(
        select(tokens.c.id).where(
            tokens.c.organization_id == _HOME, tokens.c.issuer_token_id.in_(_MAKERS), _IS_LIVE
        ),
        select(widened.c.token_id).where(
            widened.c.by_id.in_(_MAKERS),
            exists().where(
                grants.c.token_id == widened.c.token_id, grants.c.state.in_(LIVE_STATES)
            ),
        ),
    )
)
"""Asked by itself: within another statement Postgres may ask it anew for each token there is. Of
what somebody ever made most is dead, and no statement could name all of it."""
_STILL: Final = Prepared(
    select(tokens)
    .where(
        tokens.c.organization_id == _HOME,
        tokens.c.id.in_(bindparam("made", expanding=True)),
        _IS_LIVE,
    )
    .order_by(tokens.c.id)
    .with_for_update(key_share=True)
)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which tokens of an organization are wanted; None is no condition.

    `live` leaves out what is revoked, denied or lapsed.
    """

    kinds: Collection[Kind]
    owner: UserId | None = None
    live: bool = False
    sought: Sought = ANY
    order: Order = NEWEST


def page(
    tx: Connection, organization: OrganizationId, wanted: Wanted, chosen: Filter, now: datetime
) -> Page[Token]:
    """Return a piece of the tokens that speak in an organization.

    Raises:
        Malformed: for a cursor of another order.
    """
    total = count(tx, organization, chosen, now)
    query = ordered(tx, _chosen(organization, chosen, now), chosen.order)
    if wanted.after is not None:
        query = query.where(after(tx, chosen.order, wanted.after))
    found = load(tx, query.offset(wanted.offset).limit(wanted.size + 1))
    last = [one.id for one in found[: wanted.size][-1:]]
    goes_on = cursor(tx, organization, chosen.order, last)
    return Page.cut(found, wanted, lambda one: goes_on[one.id], total)


def count(tx: Connection, organization: OrganizationId, chosen: Filter, now: datetime) -> int:
    """Count the tokens that speak in an organization."""
    here = _chosen(organization, chosen, now)
    return tx.execute(select(func.count()).select_from(here.subquery())).scalar_one()


def every(
    tx: Connection, organization: OrganizationId, chosen: Filter, now: datetime
) -> list[Token]:
    """Return all the tokens that speak in an organization."""
    return load(tx, ordered(tx, _chosen(organization, chosen, now), chosen.order))


def count_held(
    tx: Connection, organization: OrganizationId, user: UserId, cut_off: int, now: datetime
) -> int:
    """Count the personal tokens that take up a user's quota here (A6, CONTRACT: deactivation).

    Pending, active and disabled ones count, unless they have expired or were cut off: by their
    owner's `cut_off`, or with all of the organization.
    """
    ended = directory.cut(tx, organization)
    if not ended.is_sound:
        return 0
    return _count(tx, organization, user,
        grants.c.state.in_(LIVE_STATES),
        tokens.c.position > max(cut_off, ended.at),
        or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now),
    )  # fmt: skip


def count_held_by_each(
    tx: Connection, organization: OrganizationId, now: datetime
) -> dict[UserId, int]:
    """Count for each user the personal tokens that take up their quota here."""
    query = (
        select(tokens.c.owner_id, func.count())
        .join(grants, grants.c.token_id == tokens.c.id)
        .where(
            grants.c.organization_id == organization,
            tokens.c.kind == kind_name(Kind.PERSONAL),
            grants.c.state.in_(LIVE_STATES),
            or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now),
            ~is_cut_off,
        )
        .group_by(tokens.c.owner_id)
    )
    rows = tx.execute(beside(query, grants.c.organization_id))
    return {UserId(row[0]): row[1] for row in rows}


def count_made(tx: Connection, organization: OrganizationId, user: UserId, since: datetime) -> int:
    """Count the personal tokens that a user has made here since then, whatever became of them."""
    return _count(tx, organization, user, tokens.c.created_at > since)


def count_exchanged(tx: Connection, parent: Token, since: datetime) -> tuple[int, datetime | None]:
    """Count what a pair or a token was exchanged for since then, and say when it first was."""
    row = tx.execute(
        select(func.count(), func.min(tokens.c.created_at)).where(
            tokens.c.organization_id == parent.organization,
            tokens.c.kind == kind_name(Kind.EXCHANGED),
            tokens.c.created_at > since,
            tokens.c.parent_id + 0 == parent.id,  # of all it ever got, few are so young
        )
    ).one()
    return row[0], row[1]


def family(tx: Connection, token: Token) -> list[Token]:
    """Return the live tokens that a token made or widened, and those that they did, and so on."""
    found: dict[TokenId, Token] = {}
    makers, home = [token.id], token.organization
    while makers:  # of two that widened each other, each is the other's
        made = [row.id for row in _MADE.all(tx, {"home": home, "makers": makers})]
        minted = whole(tx, _STILL.all(tx, {"home": home, "made": made})) if made else []
        makers = [one.id for one in minted if one.id not in {*found, token.id}]
        found |= {one.id: one for one in minted if one.id in makers}
    return list(found.values())


def built_in(tx: Connection, home: OrganizationId) -> list[TokenId]:
    """Return the tokens with which an organization began."""
    query = select(tokens.c.id).where(
        tokens.c.organization_id == home,
        tokens.c.kind == kind_name(Kind.SERVICE),
        func.coalesce(tokens.c.hardcoded_type, "") != "",
        tokens.c.revoked_at.is_(None),
    )
    return [TokenId(id_) for id_ in tx.scalars(query.order_by(tokens.c.id))]


def children(tx: Connection, parent: Token) -> list[Token]:
    """Return the live tokens that a pair or a personal token was exchanged for."""
    return load(
        tx,
        _live_from(parent.organization)
        .where(tokens.c.parent_id == parent.id)
        .order_by(tokens.c.id + 0)  # or SQLite walks through all that the organization has
        .with_for_update(key_share=True),
    )


def followers(tx: Connection, owner: UserId, organization: OrganizationId) -> list[Token]:
    """Return, held, the live tokens of a user that span all organizations, but not this one yet."""
    there = select(grants.c.token_id).where(grants.c.organization_id == organization)
    return load(
        tx,
        select(tokens)
        .where(
            tokens.c.owner_id == owner,
            tokens.c.spans_all,
            tokens.c.revoked_at.is_(None),
            tokens.c.id.not_in(there),
        )
        .order_by(tokens.c.created_at, tokens.c.id)
        .with_for_update(key_share=True),
    )


def stale_exchanged(tx: Connection, before: datetime) -> list[tuple[OrganizationId, TokenId]]:
    """Return the exchanged tokens of all organizations that expired before then."""
    rows = tx.execute(
        select(tokens.c.organization_id, tokens.c.id)
        .where(
            tokens.c.kind == kind_name(Kind.EXCHANGED),
            tokens.c.revoked_at.is_(None),
            tokens.c.expires_at < before,
        )
        .order_by(tokens.c.id)
    )
    return [(OrganizationId(row[0]), TokenId(row[1])) for row in rows]


def dying(tx: Connection, now: datetime) -> list[tuple[OrganizationId, TokenId]]:
    """Return the tokens, of all organizations, with a secret whose time of grace is over."""
    rows = tx.execute(
        select(secrets.c.organization_id, secrets.c.token_id)
        .where(secrets.c.retired_at.is_(None), secrets.c.dies_at <= now)
        .order_by(secrets.c.token_id)
    )
    return [(OrganizationId(row[0]), TokenId(row[1])) for row in rows]


def _chosen(organization: OrganizationId, chosen: Filter, now: datetime) -> Select[Any]:
    query = beside(
        select(tokens).join(grants, grants.c.token_id == tokens.c.id), grants.c.organization_id
    ).where(
        grants.c.organization_id == organization,
        tokens.c.kind.in_([kind_name(kind) for kind in chosen.kinds]),
    )
    if chosen.owner is not None:
        query = query.where(tokens.c.owner_id == chosen.owner)
    if chosen.live:
        query = query.where(standing.in_(LIVE_STATES))
    return query.where(*conditions(chosen.sought, now))


def _live_from(home: OrganizationId) -> Select[Any]:
    return select(tokens).where(
        tokens.c.organization_id == home,
        _IS_LIVE,
    )


def _count(
    tx: Connection, organization: OrganizationId, user: UserId, *conditions: ColumnElement[bool]
) -> int:
    return tx.execute(
        select(func.count())
        .select_from(tokens.join(grants, grants.c.token_id == tokens.c.id))
        .where(
            grants.c.organization_id + 0 == organization,  # + 0: found by its token instead
            tokens.c.owner_id == user,
            tokens.c.kind == kind_name(Kind.PERSONAL),
            *conditions,
        )
    ).scalar_one()
