"""What a token's uses were like before, and what was flagged of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Exists,
    Select,
    String,
    Table,
    Text,
    bindparam,
    exists,
    func,
    insert,
    select,
    update,
)

from counterfoil.gate.record.usage import VERIFIED
from counterfoil.kernel.ids import OrganizationId, TokenId, UserId
from counterfoil.runtime.database import Instant, insert_or, metadata
from counterfoil.runtime.prepared import Prepared
from counterfoil.tokens.store.usage import usage
from counterfoil.tokens.suspicion import BURST, SUSPECT, Flag, Reason, product_of

Kind: TypeAlias = Literal["client", "network"]
MOST: Final = 64
"""So many clients, and so many networks, of a token are remembered."""
_BELOW: Final = 500

sources: Final = Table(
    "token_source",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("token_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("first_at", Instant, nullable=False),
)

flags: Final = Table(
    "token_flag",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("token_id", BigInteger, primary_key=True, autoincrement=False),
    Column("reason", String(16), primary_key=True),
    Column("detail", Text, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("dismissed_at", Instant),
    Column("dismissed_by", BigInteger),
)

_OF: Final = Prepared(
    select(*(one for one in flags.c if one.name != "count"), flags.c["count"].label("times"))
    .where(
        flags.c.organization_id == bindparam("here"),
        flags.c.token_id.in_(bindparam("ids", expanding=True)),
    )
    .order_by(flags.c.raised_at, flags.c.reason)
)


class Whose(NamedTuple):
    """A token, where it was used."""

    organization_id: OrganizationId
    token_id: TokenId


class Source(NamedTuple):
    """By which client, and from which network."""

    client: str
    network: str


class Familiar(NamedTuple):
    """By what a token was used before, each with its first time.

    `clients` counts them with their versions: no more than MOST are remembered.
    """

    products: dict[str, datetime]
    networks: dict[str, datetime]
    clients: int


Came: TypeAlias = Mapping[Whose, Sequence[Source]]


def unfamiliar(tx: Connection, since: datetime) -> Came:
    """Return by which clients, from where, tokens were used since that hour that are not known."""

    def known(kind: Kind, column: Column[str]) -> Exists:
        return exists().where(
            sources.c.organization_id == usage.c.organization_id,
            sources.c.token_id == usage.c.token_id,
            sources.c.kind == kind,
            sources.c.name == column,
        )

    rows = tx.execute(
        select(usage.c.organization_id, usage.c.token_id, usage.c.client, usage.c.network)
        .distinct()
        .where(
            usage.c.hour >= since,
            usage.c.outcome.in_([one.value for one in VERIFIED]),
            ~(known("client", usage.c.client) & known("network", usage.c.network)),
        )
        .order_by(usage.c.organization_id, usage.c.token_id, usage.c.client, usage.c.network)
    )
    found: defaultdict[Whose, list[Source]] = defaultdict(list)
    for row in rows:
        whose = Whose(OrganizationId(row.organization_id), TokenId(row.token_id))
        found[whose].append(Source(row.client, row.network))
    return found


def familiar(tx: Connection, whose: Whose) -> Familiar:
    """Return by what, and from where, a token was used before."""
    rows = tx.execute(_known(whose).order_by(sources.c.first_at.desc())).all()  # the first stays
    clients = [row for row in rows if row.kind == "client"]
    return Familiar(
        products={product_of(row.name): row.first_at for row in clients},
        networks={row.name: row.first_at for row in rows if row.kind == "network"},
        clients=len(clients),
    )


def learn(tx: Connection, whose: Whose, came: Iterable[Source], now: datetime) -> None:
    """Remember by what a token was used; who has so many already is known to come from anywhere."""
    known = {(row.kind, row.name) for row in tx.execute(_known(whose))}
    names: list[tuple[Kind, str]] = []
    for one in came:
        names += [("client", one.client), ("network", one.network)]
    room = {kind: MOST - sum(one == kind for one, _ in known) for kind in ("client", "network")}
    rows = []
    for kind, name in sorted(set(names) - known):
        if room[kind] > 0:
            room[kind] -= 1
            rows.append({**whose._asdict(), "kind": kind, "name": name, "first_at": now})
    if rows:
        tx.execute(insert_or(tx, sources).on_conflict_do_nothing(), rows)


def _known(whose: Whose) -> Select[Any]:
    return select(sources).where(
        sources.c.organization_id == whose.organization_id, sources.c.token_id == whose.token_id
    )


def refused_often(tx: Connection, hour: datetime) -> list[Whose]:
    """Return the tokens that were refused so often in an hour that it might be a burst."""
    rows = tx.execute(
        select(usage.c.organization_id, usage.c.token_id)
        .where(usage.c.hour == hour, usage.c.outcome.in_([one.value for one in SUSPECT]))
        .group_by(usage.c.organization_id, usage.c.token_id)
        .having(func.sum(usage.c["count"]) >= BURST)
        .order_by(usage.c.organization_id, usage.c.token_id)
    )
    return [Whose(OrganizationId(row[0]), TokenId(row[1])) for row in rows]


def of(
    tx: Connection, organization: OrganizationId, ids: Sequence[TokenId]
) -> defaultdict[TokenId, dict[Reason, Flag]]:
    """Return all flags of these tokens in an organization, dismissed or not."""
    found: defaultdict[TokenId, dict[Reason, Flag]] = defaultdict(dict)
    for start in range(0, len(ids), _BELOW):
        some = list(ids[start : start + _BELOW])
        for row in _OF.all(tx, {"here": organization, "ids": some}):
            flag = _flag(row)
            found[TokenId(row.token_id)][flag.reason] = flag
    return found


def of_one(tx: Connection, whose: Whose) -> dict[Reason, Flag]:
    """Return all flags of a token, dismissed or not."""
    return of(tx, whose.organization_id, [whose.token_id])[whose.token_id]


def put(tx: Connection, whose: Whose, flag: Flag) -> None:
    """Write a flag in place of the one for the same reason."""
    values = {
        "detail": flag.detail,
        "raised_at": flag.raised_at,
        "last_at": flag.last_at,
        "count": flag.count,
        "dismissed_at": None,
        "dismissed_by": None,
    }
    done = tx.execute(
        update(flags)
        .where(
            flags.c.organization_id == whose.organization_id,
            flags.c.token_id == whose.token_id,
            flags.c.reason == flag.reason,
        )
        .values(values)
    )
    if done.rowcount == 0:
        row = {**whose._asdict(), "reason": flag.reason.value, **values}
        tx.execute(insert(flags).values(row))


def dismiss(tx: Connection, whose: Whose, now: datetime, by: UserId | None) -> None:
    """Note that somebody found all flags of a token to be right."""
    tx.execute(
        update(flags)
        .where(
            flags.c.organization_id == whose.organization_id,
            flags.c.token_id == whose.token_id,
            flags.c.dismissed_at.is_(None),
        )
        .values(dismissed_at=now, dismissed_by=by)
    )


def _flag(row: Any) -> Flag:  # noqa: ANN401 - a row of the flags
    return Flag(
        reason=Reason(row.reason),
        detail=row.detail,
        raised_at=row.raised_at,
        last_at=row.last_at,
        count=row.times,
        dismissed_at=row.dismissed_at,
    )
