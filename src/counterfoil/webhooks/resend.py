"""A message is sent once more: under its old id, so that a receiver knows it."""

from __future__ import annotations

from dataclasses import replace

from counterfoil.access.scope import Scope
from counterfoil.kernel.errors import Code, Conflict
from counterfoil.kernel.ids import MessageId, Prefix, WebhookId, spell
from counterfoil.operation import Work, operation
from counterfoil.webhooks.model import Message, Standing, State
from counterfoil.webhooks.steps.authority import standing
from counterfoil.webhooks.store import outbox, rows


@operation("webhook.resend", requires=Scope.POLICY_MANAGE)
def resend(work: Work, id_: WebhookId, message_: MessageId) -> Message:
    """Send a message again now, whatever came of it before.

    Raises:
        Conflict: if the webhook is told nothing now.
    """
    webhook = rows.webhook(work.tx, work.caller.organization, id_, hold=True)
    work.permit(target=spell(Prefix.WEBHOOK, id_))
    before = outbox.message(work.tx, id_, message_, hold=True)
    if standing(work.tx, webhook) is not Standing.ON:
        raise Conflict(Code.CONFLICT, "This webhook is told nothing now: switch it on first.")
    after = replace(before, state=State.WAITING, tries=0, due_at=work.now)
    outbox.save(work.tx, after)
    return after
