"""What was reported of leaked tokens, and how often whom was heard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
)

from counterfoil.kernel.ids import OrganizationId, TokenId, UserId
from counterfoil.kernel.page import Page, Wanted, number
from counterfoil.runtime.database import Instant, insert_or, metadata

Done: TypeAlias = Literal["notify", "disable", "revoke", "note"]

reports: Final = Table(
    "leak_report",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("organization_id", ForeignKey("organization.id"), nullable=False),
    Column("token_id", ForeignKey("token.id"), nullable=False, index=True),
    Column("url", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("done", String(16), nullable=False),
    Column("user_id", BigInteger),
    Column("reported_at", Instant, nullable=False),
    Index(None, "organization_id", "reported_at"),
)

heard: Final = Table(
    "leak_source",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("hour", Instant, primary_key=True),
    Column("count", Integer, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Report:
    """One report of a leaked token, or what somebody did and noted about one.

    Attributes:
        url: where the secret was seen, as whoever reports it says.
        done: what was done because of it.
        user: who noted it; None for a report from outside.
    """

    id: int
    organization: OrganizationId
    token: TokenId
    url: str
    note: str
    done: Done
    user: UserId | None
    at: datetime


def add(tx: Connection, new: Report) -> None:
    """Write a report."""
    tx.execute(
        insert(reports).values(
            id=new.id,
            organization_id=new.organization,
            token_id=new.token,
            url=new.url,
            note=new.note,
            done=new.done,
            user_id=new.user,
            reported_at=new.at,
        )
    )


def known_since(tx: Connection, token: TokenId, since: datetime) -> bool:
    """Say whether a token was reported from outside since then."""
    query = select(reports.c.id).where(
        reports.c.token_id == token, reports.c.user_id.is_(None), reports.c.reported_at > since
    )
    return tx.execute(query.limit(1)).first() is not None


def page(tx: Connection, organization: OrganizationId, wanted: Wanted) -> Page[Report]:
    """Return a piece of the reports of an organization, the latest first."""
    here = select(reports).where(reports.c.organization_id == organization)
    total = tx.execute(select(func.count()).select_from(here.subquery())).scalar_one()
    query = here.order_by(reports.c.reported_at.desc(), reports.c.id.desc())
    if wanted.after is not None:
        last = number(wanted.after)
        at = select(reports.c.reported_at).where(reports.c.id == last).scalar_subquery()
        same = (reports.c.reported_at == at) & (reports.c.id < last)
        query = query.where((reports.c.reported_at < at) | same)
    found = [_report(row) for row in tx.execute(query.offset(wanted.offset).limit(wanted.size + 1))]
    return Page.cut(found, wanted, lambda one: one.id, total)


def count_heard(tx: Connection, source: str, hour: datetime) -> int:
    """Return how many reports came from a source within an hour."""
    query = select(heard.c["count"]).where(heard.c.source == source, heard.c.hour == hour)
    return tx.execute(query).scalar_one_or_none() or 0


def hear(tx: Connection, source: str, hour: datetime) -> None:
    """Count one report more, and forget the hours before."""
    tx.execute(delete(heard).where(heard.c.hour < hour))
    new = insert_or(tx, heard).values(source=source, hour=hour, count=1)
    tx.execute(
        new.on_conflict_do_update(
            index_elements=["source", "hour"], set_={"count": heard.c["count"] + 1}
        )
    )


def _report(row: Row[Any]) -> Report:
    return Report(
        id=row.id,
        organization=OrganizationId(row.organization_id),
        token=TokenId(row.token_id),
        url=row.url,
        note=row.note,
        done=row.done,
        user=row.user_id,
        at=row.reported_at,
    )
