"""Notices, written and read back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import NoticeId, OrganizationId, UserId
from counterfoil.kernel.page import Page, Wanted, number, unknown_cursor
from counterfoil.notices.model import IN_PAGE, Kind, Notice
from counterfoil.notices.store.tables import notices as table
from counterfoil.notices.store.tables import silenced
from counterfoil.runtime.database import insert_on
from counterfoil.runtime.prepared import Prepared

_LISTED: Final = table.c.kind.in_([str(kind) for kind in IN_PAGE])


def add(tx: Connection, new: Sequence[Notice], mark: str | None = None) -> None:
    """Write notices; one that was told before under this mark is not told again."""
    for one in new:
        _new(tx.dialect.name).run(tx, {**_columns(one), "mark": mark})


@cache
def _new(dialect: str) -> Prepared:
    row: dict[str, Any] = {column.name: bindparam(column.name) for column in table.c}
    return Prepared(insert_on(dialect, table).values(row).on_conflict_do_nothing())


def page(
    tx: Connection, organization: OrganizationId, user: UserId, wanted: Wanted, *, unread: bool
) -> Page[Notice]:
    """Return a piece of what a person was told in an organization, the latest first."""
    mine = _mine(organization, user)
    query = select(table).where(*mine, _LISTED)
    if unread:
        query = query.where(table.c.read_at.is_(None))
    total = tx.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    if wanted.after is not None:
        last = NoticeId(number(wanted.after))
        at = tx.scalar(select(table.c.created_at).where(*mine, table.c.id == last))
        if at is None:
            raise unknown_cursor()
        before = (table.c.created_at == at) & (table.c.id < last)
        query = query.where((table.c.created_at < at) | before)
    ordered = query.order_by(table.c.created_at.desc(), table.c.id.desc())
    found = tx.execute(ordered.offset(wanted.offset).limit(wanted.size + 1))
    return Page.cut([notice(row) for row in found], wanted, lambda one: one.id, total)


def unread(tx: Connection, organization: OrganizationId, user: UserId) -> int:
    """Count what a person was told in an organization and has not read yet."""
    where = (*_mine(organization, user), _LISTED, table.c.read_at.is_(None))
    return tx.execute(select(func.count()).select_from(table).where(*where)).scalar_one()


def find(tx: Connection, organization: OrganizationId, user: UserId, id_: NoticeId) -> Notice:
    """Find one of a person's notices.

    Raises:
        NotFound: for anybody else's too.
    """
    row = tx.execute(
        select(table).where(*_mine(organization, user), _LISTED, table.c.id == id_)
    ).one_or_none()
    if row is None:
        raise NotFound
    return notice(row)


def mark_read(
    tx: Connection,
    organization: OrganizationId,
    user: UserId,
    now: datetime,
    id_: NoticeId | None = None,
) -> int:
    """Note that a person has read a notice, or all of theirs; return how many were unread."""
    query = update(table).where(*_mine(organization, user), _LISTED, table.c.read_at.is_(None))
    if id_ is not None:
        query = query.where(table.c.id == id_)
    return tx.execute(query.values(read_at=now)).rowcount


def settle(
    tx: Connection, organization: OrganizationId, about: str, now: datetime, whose: UserId | None
) -> None:
    """Note that there is nothing left to do about a thing: for one person, or whoever was told."""
    told = update(table).where(
        table.c.organization_id == organization,
        table.c.about == about,
        table.c.settled_at.is_(None),
    )
    if whose is not None:
        told = told.where(table.c.user_id == whose)
    tx.execute(told.values(settled_at=now))


def delete_before(tx: Connection, before: datetime) -> int:
    """Delete what was told before then, but for digests, which come again; return how many."""
    return tx.execute(delete(table).where(_LISTED, table.c.created_at < before)).rowcount


def last_told(
    tx: Connection, organization: OrganizationId, about: str, kind: Kind
) -> datetime | None:
    """Return when anybody was last told something of this kind about a thing; None if never."""
    where = (table.c.organization_id == organization, table.c.about == about)
    latest = select(table.c.created_at).where(*where, table.c.kind == str(kind))
    return tx.scalar(latest.order_by(table.c.created_at.desc()).limit(1))


def told(
    organization: ColumnElement[Any], about: ColumnElement[Any], kind: Kind, mark: str
) -> ColumnElement[bool]:
    """Say in SQL, for the queries of others, that a thing was told of under a mark."""
    return (
        select(table.c.id)
        .where(
            table.c.organization_id == organization,
            table.c.about == about,
            table.c.kind == str(kind),
            table.c.mark == mark,
        )
        .exists()
    )


def silenced_by(
    tx: Connection, organization: OrganizationId, users: Collection[UserId], kind: Kind
) -> set[UserId]:
    """Return who of these members does not want this kind by mail."""
    rows = tx.execute(
        select(silenced.c.user_id).where(
            silenced.c.organization_id == organization,
            silenced.c.kind == str(kind),
            silenced.c.user_id.in_(users),
        )
    )
    return {UserId(row.user_id) for row in rows}


def silenced_kinds(tx: Connection, organization: OrganizationId, user: UserId) -> set[Kind]:
    """Return what a member does not want by mail."""
    rows = tx.execute(select(silenced.c.kind).where(*_silent(organization, user)))
    return {Kind(row.kind) for row in rows}


def silence(
    tx: Connection, organization: OrganizationId, user: UserId, kinds: Collection[Kind]
) -> None:
    """Write which kinds a member does not want by mail, and no others."""
    tx.execute(delete(silenced).where(*_silent(organization, user)))
    rows = [
        {"organization_id": organization, "user_id": user, "kind": str(kind)}
        for kind in sorted(kinds)
    ]
    if rows:
        tx.execute(insert(silenced), rows)


def notice(row: Row[Any]) -> Notice:
    """Return a notice as it stands in a row."""
    return Notice(
        id=NoticeId(row.id),
        organization=OrganizationId(row.organization_id),
        user=UserId(row.user_id),
        kind=Kind(row.kind),
        about=row.about,
        facts=row.facts,
        created_at=row.created_at,
        read_at=row.read_at,
        settled_at=row.settled_at,
        mail_due_at=row.mail_due_at,
        mail_tries=row.mail_tries,
        mailed_at=row.mailed_at,
    )


def read(one: Notice, at: datetime) -> Notice:
    """Return a notice as read, if it was not before."""
    return one if one.read_at else replace(one, read_at=at)


def _mine(organization: OrganizationId, user: UserId) -> tuple[Any, ...]:
    return table.c.organization_id == organization, table.c.user_id == user


def _silent(organization: OrganizationId, user: UserId) -> tuple[Any, ...]:
    return silenced.c.organization_id == organization, silenced.c.user_id == user


def _columns(one: Notice) -> dict[str, object]:
    return {
        "id": one.id,
        "organization_id": one.organization,
        "user_id": one.user,
        "kind": str(one.kind),
        "about": one.about,
        "facts": dict(one.facts),
        "created_at": one.created_at,
        "read_at": one.read_at,
        "settled_at": one.settled_at,
        "mail_due_at": one.mail_due_at,
        "mail_tries": one.mail_tries,
        "mailed_at": one.mailed_at,
    }
