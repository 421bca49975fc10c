"""Webhooks, written and read back."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import OrganizationId, UserId, WebhookId
from counterfoil.runtime.prepared import Prepared
from counterfoil.webhooks.model import EventKind, Webhook
from counterfoil.webhooks.store.tables import messages
from counterfoil.webhooks.store.tables import webhooks as table

_LISTENING: Final = Prepared(
    select(table).where(table.c.organization_id == bindparam("here"), table.c.enabled)
)


def add(tx: Connection, new: Webhook) -> None:
    """Write a new webhook."""
    tx.execute(insert(table).values(_columns(new)))


def save(tx: Connection, after: Webhook) -> None:
    """Write what became of a webhook that is held."""
    tx.execute(update(table).where(table.c.id == after.id).values(_columns(after)))


def drop(tx: Connection, id_: WebhookId) -> None:
    """Delete a webhook with all that it was told."""
    tx.execute(delete(messages).where(messages.c.webhook_id == id_))
    tx.execute(delete(table).where(table.c.id == id_))


def webhook(
    tx: Connection, organization: OrganizationId, id_: WebhookId, *, hold: bool = False
) -> Webhook:
    """Find a webhook; with `hold`, nobody else changes it before this work commits.

    Raises:
        NotFound: for another organization's too.
    """
    query = select(table).where(table.c.organization_id == organization, table.c.id == id_)
    row = tx.execute(query.with_for_update() if hold else query).one_or_none()
    if row is None:
        raise NotFound
    return _webhook(row)


def any_webhook(tx: Connection, id_: WebhookId, *, hold: bool = False) -> Webhook:
    """Find a webhook, whosever it is.

    Raises:
        NotFound: if it is gone.
    """
    query = select(table).where(table.c.id == id_)
    row = tx.execute(query.with_for_update() if hold else query).one_or_none()
    if row is None:
        raise NotFound
    return _webhook(row)


def told_the_trail(tx: Connection) -> list[WebhookId]:
    """Return the webhooks that are on and are told the audit trail."""
    query = select(table.c.id).where(table.c.enabled, table.c.trail_position.is_not(None))
    return [WebhookId(id_) for id_ in tx.scalars(query.order_by(table.c.id))]


def webhooks_in(tx: Connection, organization: OrganizationId) -> list[Webhook]:
    """Return the webhooks of an organization, the oldest first."""
    query = select(table).where(table.c.organization_id == organization)
    return [_webhook(row) for row in tx.execute(query.order_by(table.c.created_at, table.c.id))]


def listeners(tx: Connection, organization: OrganizationId, kind: EventKind) -> list[Webhook]:
    """Return the webhooks of an organization that want to be told of such an event."""
    rows = _LISTENING.all(tx, {"here": organization})
    return [_webhook(row) for row in rows if kind in row.events]


def owned_by(tx: Connection, organization: OrganizationId, owner: UserId) -> list[Webhook]:
    """Return the webhooks of a person that are on, and hold them."""
    query = select(table).where(
        table.c.organization_id == organization, table.c.owner_id == owner, table.c.enabled
    )
    return [_webhook(row) for row in tx.execute(query.order_by(table.c.id).with_for_update())]


def _columns(one: Webhook) -> dict[str, Any]:
    former, until = one.former or (None, None)
    return {
        "id": one.id,
        "organization_id": one.organization,
        "owner_id": one.owner,
        "name": one.name,
        "url": one.url,
        "events": [str(kind) for kind in one.events],
        "secret": one.secret,
        "former_secret": former,
        "former_until": until,
        "enabled": one.enabled,
        "is_orphan": one.is_orphan,
        "trail_position": one.trail,
        "version": one.version,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }


def _webhook(row: Row[Any]) -> Webhook:
    return Webhook(
        organization=OrganizationId(row.organization_id),
        id=WebhookId(row.id),
        owner=UserId(row.owner_id),
        name=row.name,
        url=row.url,
        events=tuple(EventKind(kind) for kind in row.events),
        secret=row.secret,
        created_at=row.created_at,
        updated_at=row.updated_at,
        enabled=row.enabled,
        is_orphan=row.is_orphan,
        trail=row.trail_position,
        former=None if row.former_secret is None else (row.former_secret, row.former_until),
        version=row.version,
    )
