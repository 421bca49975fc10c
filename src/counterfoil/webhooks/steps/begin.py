"""From where a webhook is told the audit trail: from when somebody chose that, and then on."""

from __future__ import annotations

from dataclasses import replace

from counterfoil.feed.outbox import read_head
from counterfoil.operation import Work
from counterfoil.webhooks.model import EventKind, Webhook


def begun(work: Work, webhook: Webhook) -> Webhook:
    """Return a webhook that is told the trail from now on, if it is to be and was not yet."""
    if EventKind.AUDIT_RECORDED not in webhook.events:
        return replace(webhook, trail=None)
    if webhook.trail is not None:
        return webhook
    return replace(webhook, trail=read_head(work.tx).audit_position)
