"""The live tokens of an organization, as those see them who weigh a policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from counterfoil.access.scope import Scopes, join
from counterfoil.kernel.ids import OrganizationId, TokenId, UserId
from counterfoil.secret import Kind
from counterfoil.tokens.model import LIVE, State
from counterfoil.tokens.store import conditions
from counterfoil.tokens.store.cut import beside, is_cut_off
from counterfoil.tokens.store.last_used import used
from counterfoil.tokens.store.rows import kind_name
from counterfoil.tokens.store.tables import grants, tokens

_PIECE: Final = 500


class Lasting(NamedTuple):
    """A token that is good for some time yet.

    `home` is where it was made: one of all organizations may speak here and be at home elsewhere.
    `holder` is whom it is to, and None for what a program made. `used_at` is its last use here,
    from a `network`. It is on since `on_since`, if it was not from the start, and works from
    `starts_at` on. `scopes` is what it may hold here; None for all that its owner may do.
    """

    id: TokenId
    name: str
    kind: Kind
    home: OrganizationId
    holder: UserId | None
    made_at: datetime
    ends_at: datetime | None
    used_at: datetime | None
    state: State
    on_since: datetime | None
    network: str | None
    starts_at: datetime | None
    scopes: Scopes | None

    @property
    def idle_since(self) -> datetime:
        """Since when nobody uses it who could: it may have begun to work only then."""
        some = (self.made_at, self.used_at, self.on_since, self.starts_at)
        return max(at for at in some if at is not None)


def lasting(
    tx: Connection, organization: OrganizationId, now: datetime, kinds: Iterable[Kind]
) -> Iterator[Lasting]:
    """Yield the live tokens that speak in an organization, the one used last coming first.

    Built-in ones are no matter of policy, and neither is what has expired or was cut off.
    """
    for row in _found(tx, organization, now, kinds):
        yield _lasting(row)


def idle(
    tx: Connection,
    organization: OrganizationId,
    now: datetime,
    kinds: Iterable[Kind],
    *,
    since: datetime,
    only: TokenId | None = None,
) -> Iterator[Lasting]:
    """Yield the tokens in force that nobody has used since then, or `only` that one.

    One that was made, approved, switched on or due to begin since then has not had its time yet.
    """
    told = [
        grants.c.state == str(State.ACTIVE),
        tokens.c.created_at < since,
        grants.c.on_since.is_(None) | (grants.c.on_since < since),
        used.c.at.is_(None) | (used.c.at < since),
    ]
    if only is not None:
        told.append(tokens.c.id == only)
    for row in _found(tx, organization, now, kinds, *told):
        one = _lasting(row)
        if one.idle_since < since:
            yield one


def _found(
    tx: Connection,
    organization: OrganizationId,
    now: datetime,
    kinds: Iterable[Kind],
    *told: ColumnElement[bool],
) -> Iterator[Sequence[Any]]:
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
            grants.c.state,
            grants.c.on_since,
            used.c.network,
            grants.c.conditions,
            grants.c.scopes,
            grants.c.custom,
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
            *told,
        )
        .order_by(used.c.at.desc().nulls_last(), tokens.c.id)
    )
    yield from tx.execute(beside(query, grants.c.organization_id)).yield_per(_PIECE)


def _lasting(row: Sequence[Any]) -> Lasting:
    holder = None if row[4] is None else UserId(row[4])
    home, kind = OrganizationId(row[3]), Kind[row[2].upper()]
    starts_at = conditions.read(row[11]).not_before
    return Lasting(
        id=TokenId(row[0]),
        name=row[1],
        kind=kind,
        home=home,
        holder=holder,
        made_at=row[5],
        ends_at=row[6],
        used_at=row[7],
        state=State(row[8]),
        on_since=row[9],
        network=row[10],
        starts_at=starts_at,
        scopes=None if row[12] is None else join(row[12], row[13]),
    )
