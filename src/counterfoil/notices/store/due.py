"""Mail that is due: taken by one process at a time, and due again if that one does not come back.

To take a notice is to put off when its mail is due, in a transaction of its own. Whoever took it
says afterwards that it was sent, or when to try again; who dies says nothing, and another one takes
it once that time is over. So every mail is sent at least once, and twice only if somebody died
between sending it and saying so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select, update

from counterfoil.kernel.ids import NoticeId, OrganizationId, UserId
from counterfoil.notices.model import DIGEST_EVERY, Kind, Notice
from counterfoil.notices.store.rows import add, notice
from counterfoil.notices.store.tables import notices as table

_WAITING: Final = (
    table.c.kind == str(Kind.REQUEST_MADE),
    table.c.settled_at.is_(None),
)


def is_any(tx: Connection, now: datetime) -> bool:
    """Say whether any mail is due."""
    due = select(table.c.id).where(table.c.mail_due_at <= now).limit(1)
    return tx.execute(due).first() is not None


def take(tx: Connection, now: datetime, lease: timedelta) -> Notice | None:
    """Take a notice whose mail is due; nobody else does before the lease is over."""
    row = tx.execute(
        select(table)
        .where(table.c.mail_due_at <= now)
        .order_by(table.c.mail_due_at, table.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return None
    tx.execute(
        update(table)
        .where(table.c.id == row.id)
        .values(mail_due_at=now + lease, mail_tries=table.c.mail_tries + 1)
    )
    return notice(row)


def sent(tx: Connection, one: Notice, now: datetime, again_at: datetime | None = None) -> None:
    """Note that a mail was handed over; `again_at` says when it is due once more."""
    _put_off(tx, one, again_at, mailed_at=now, mail_tries=0)


def put_off(tx: Connection, one: Notice, until: datetime | None) -> None:
    """Note that a mail could not be sent, and when it is tried again; None if never."""
    _put_off(tx, one, until)


def _put_off(tx: Connection, one: Notice, until: datetime | None, **more: object) -> None:
    tx.execute(update(table).where(table.c.id == one.id).values({"mail_due_at": until, **more}))


def drop(tx: Connection) -> None:
    """Let nothing be due of what was told until now."""
    tx.execute(update(table).where(table.c.mail_due_at.is_not(None)).values(mail_due_at=None))


def expect_digest(
    tx: Connection, id_: NoticeId, organization: OrganizationId, user: UserId, now: datetime
) -> None:
    """See that a digest is due to an approver: now, or a day after their last one."""
    new = Notice(id_, organization, user, Kind.DIGEST, "", {}, now, mail_due_at=now)
    add(tx, [new], mark="digest")
    mine = (
        table.c.organization_id == organization,
        table.c.user_id == user,
        table.c.kind == str(Kind.DIGEST),
        table.c.mail_due_at.is_(None),
    )
    last = tx.scalar(select(table.c.mailed_at).where(*mine))
    due = now if last is None else max(now, last + DIGEST_EVERY)
    tx.execute(update(table).where(*mine).values(mail_due_at=due))


def waiting(tx: Connection, organization: OrganizationId, user: UserId) -> Sequence[Notice]:
    """Return the requests that a person was told of and nobody has decided, the oldest first."""
    rows = tx.execute(
        select(table)
        .where(table.c.organization_id == organization, table.c.user_id == user, *_WAITING)
        .order_by(table.c.created_at, table.c.id)
    )
    return [notice(row) for row in rows]
