"""The audit trail told to webhooks: a message for each stretch of it that is new (R14).

A message holds where its stretch begins and ends; what stands between is read when it is sent, and
is the same at every try. Where a webhook has come to stands with it and moves in the transaction
that writes the message, so no entry is left out, and none is in two messages. The next stretch
begins when the last one has come, or was given up: so they come in their order, and who cannot be
told now is told from there later.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import msgspec
from sqlalchemy import Connection

from counterfoil.access.scope import Scope
from counterfoil.audit import stretch
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import MessageId, Prefix, WebhookId, new_id, spell
from counterfoil.office import Office
from counterfoil.runtime.witness import NOBODY
from counterfoil.webhooks.model import Event, EventKind, Message, Webhook
from counterfoil.webhooks.steps.authority import is_told
from counterfoil.webhooks.store import outbox, rows

AT_ONCE: Final = 500
"""So many entries are in a message, at most."""


def look(office: Office) -> int:
    """Write the messages that are due; return how many."""
    with office.database.reading() as tx:
        found = rows.told_the_trail(tx)
    return sum(_tell(office, one) for one in found)


def data_of(tx: Connection, event: Event) -> dict[str, object]:
    """Return what a message says: whose entries they are, and each as it was hashed."""
    after, to = int(event.data["after"]), int(event.data["to"])
    found = stretch.written(tx, event.organization, after, to)
    here = spell(Prefix.ORGANIZATION, event.organization)
    return {"organization": here, "entries": [msgspec.Raw(one) for one in found]}


def _tell(office: Office, id_: WebhookId) -> bool:
    with office.database.transaction(NOBODY) as tx:
        try:
            webhook = rows.any_webhook(tx, id_, hold=True)
        except NotFound:
            return False
        message = _next(office, tx, webhook)
        if message is None:
            return False
        outbox.add(tx, [message])
        rows.save(tx, replace(webhook, trail=int(message.event.data["to"])))
        return True


def _next(office: Office, tx: Connection, webhook: Webhook) -> Message | None:
    here, after = webhook.organization, webhook.trail
    if after is None or outbox.waits(tx, webhook.id, EventKind.AUDIT_RECORDED):
        return None
    to = stretch.end_of(tx, here, after, AT_ONCE)
    if to is None:
        return None
    data = {"after": str(after), "to": str(to)}
    event = Event(here, EventKind.AUDIT_RECORDED, data, Scope.AUDIT_READ)
    if not is_told(tx, webhook, event):
        return None
    now = office.clock()
    return Message(MessageId(new_id(office.entropy)), webhook.id, event, now, due_at=now)
