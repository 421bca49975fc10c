"""Telling: a message for each webhook that wants it, in the transaction of what it tells of."""

from __future__ import annotations

from counterfoil.kernel.ids import MessageId
from counterfoil.operation import Work
from counterfoil.webhooks.model import Event, Message, Webhook
from counterfoil.webhooks.steps.authority import is_told
from counterfoil.webhooks.store import outbox, rows


def tell(work: Work, event: Event) -> None:
    """Write what every webhook is told of an event that wants it and may know of it."""
    found = rows.listeners(work.tx, event.organization, event.kind)
    outbox.add(
        work.tx, [message(work, one, event) for one in found if is_told(work.tx, one, event)]
    )


def message(work: Work, webhook: Webhook, event: Event) -> Message:
    """Return an event on its way to a webhook, due now."""
    return Message(MessageId(work.new_id()), webhook.id, event, work.now, due_at=work.now)
