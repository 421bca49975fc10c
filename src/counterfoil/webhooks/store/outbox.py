"""Messages: written with what they tell of, and taken by one process at a time.

To take a message is to put off when it is due, in a transaction of its own. Whoever took it says
afterwards what came of it; who dies says nothing, and it is due again once that time is over. So
every message is sent at least once, and its id tells a receiver which one it has had.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from counterfoil.access.scope import Scope
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import MessageId, NodeId, OrganizationId, WebhookId
from counterfoil.kernel.page import Page, Wanted, number, unknown_cursor
from counterfoil.webhooks.model import Event, EventKind, Message, State
from counterfoil.webhooks.store.tables import messages as table


def add(tx: Connection, new: Sequence[Message]) -> None:
    """Write messages."""
    if new:
        tx.execute(insert(table), [_columns(one) for one in new])


def save(tx: Connection, after: Message) -> None:
    """Write what came of a message; one that was deleted meanwhile stays so."""
    tx.execute(update(table).where(table.c.id == after.id).values(_columns(after)))


def is_any(tx: Connection, now: datetime) -> bool:
    """Say whether any message is due."""
    query = select(table.c.id).where(table.c.due_at <= now).limit(1)
    return tx.execute(query).first() is not None


def waits(tx: Connection, webhook: WebhookId, kind: EventKind) -> bool:
    """Say whether a message of a kind is on its way to a webhook."""
    here = table.c.webhook_id == webhook, table.c.kind == str(kind)
    query = select(table.c.id).where(*here, table.c.due_at.is_not(None)).limit(1)
    return tx.execute(query).first() is not None


def take(tx: Connection, now: datetime, lease: timedelta, most: int) -> list[Message]:
    """Take what has waited longest: of each webhook one message, so that none waits for another."""
    first = func.min(table.c.due_at)
    waiting = (
        select(table.c.webhook_id)
        .where(table.c.due_at <= now)
        .group_by(table.c.webhook_id)
        .order_by(first)
        .limit(most)
    )
    taken = []
    for (webhook,) in tx.execute(waiting).all():
        row = tx.execute(
            select(table)
            .where(table.c.webhook_id == webhook, table.c.due_at <= now)
            .order_by(table.c.due_at, table.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if row is not None:
            tx.execute(update(table).where(table.c.id == row.id).values(due_at=now + lease))
            taken.append(_message(row))
    return taken


def message(tx: Connection, webhook: WebhookId, id_: MessageId, *, hold: bool = False) -> Message:
    """Find a message of a webhook.

    Raises:
        NotFound: for another webhook's too.
    """
    query = select(table).where(table.c.webhook_id == webhook, table.c.id == id_)
    row = tx.execute(query.with_for_update() if hold else query).one_or_none()
    if row is None:
        raise NotFound
    return _message(row)


def page(tx: Connection, webhook: WebhookId, wanted: Wanted) -> Page[Message]:
    """Return a piece of what a webhook was told, or shall be, the latest first."""
    own = table.c.webhook_id == webhook
    total = tx.execute(select(func.count()).select_from(table).where(own)).scalar_one()
    query = select(table).where(own)
    if wanted.after is not None:
        query = query.where(_before(tx, own, MessageId(number(wanted.after))))
    ordered = query.order_by(table.c.at.desc(), table.c.id.desc())
    found = tx.execute(ordered.offset(wanted.offset).limit(wanted.size + 1))
    return Page.cut([_message(row) for row in found], wanted, lambda one: one.id, total)


def _before(tx: Connection, own: ColumnElement[bool], last: MessageId) -> ColumnElement[bool]:
    at = tx.scalar(select(table.c.at).where(own, table.c.id == last))
    if at is None:
        raise unknown_cursor()
    return or_(table.c.at < at, and_(table.c.at == at, table.c.id < last))


def forget(tx: Connection, before: datetime) -> int:
    """Delete what was told, or given up, of events before then; return how many."""
    where = (table.c.at < before, table.c.due_at.is_(None))
    return tx.execute(delete(table).where(*where)).rowcount


def withhold_all(tx: Connection) -> int:
    """Let nothing be due of what happened until now; return how much was."""
    waits = table.c.due_at.is_not(None)
    values = {"due_at": None, "state": str(State.WITHHELD)}
    return tx.execute(update(table).where(waits).values(values)).rowcount


def _columns(one: Message) -> dict[str, Any]:
    event = one.event
    return {
        "id": one.id,
        "webhook_id": one.webhook,
        "organization_id": event.organization,
        "kind": str(event.kind),
        "data": dict(event.data),
        "scope": None if event.scope is None else str(event.scope),
        "node_id": event.node,
        "at": one.at,
        "state": str(one.state),
        "tries": one.tries,
        "due_at": one.due_at,
        "tried_at": one.tried_at,
        "status": one.status,
        "failure": one.failure,
    }


def _message(row: Row[Any]) -> Message:
    event = Event(
        organization=OrganizationId(row.organization_id),
        kind=EventKind(row.kind),
        data=row.data,
        scope=None if row.scope is None else Scope(row.scope),
        node=None if row.node_id is None else NodeId(row.node_id),
    )
    return Message(
        id=MessageId(row.id),
        webhook=WebhookId(row.webhook_id),
        event=event,
        at=row.at,
        state=State(row.state),
        tries=row.tries,
        due_at=row.due_at,
        tried_at=row.tried_at,
        status=row.status,
        failure=row.failure,
    )
