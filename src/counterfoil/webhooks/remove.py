"""A webhook is deleted, with all that it was told."""

from __future__ import annotations

from counterfoil.access.scope import Scope
from counterfoil.kernel.ids import WebhookId
from counterfoil.operation import Work, operation
from counterfoil.webhooks.steps.seen import held
from counterfoil.webhooks.store import rows


@operation("webhook.delete", requires=Scope.POLICY_MANAGE)
def delete_webhook(work: Work, id_: WebhookId, expected: int | None = None) -> None:
    """Delete a webhook: nothing that waits is sent any more."""
    held(work, id_, expected)
    rows.drop(work.tx, id_)
