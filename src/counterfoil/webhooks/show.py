"""What there is to see of webhooks: what they are, and what they were told."""

from __future__ import annotations

from counterfoil.access.scope import Scope
from counterfoil.kernel.ids import Prefix, WebhookId, spell
from counterfoil.kernel.page import Page, Wanted
from counterfoil.operation import Work, operation
from counterfoil.webhooks.model import Message
from counterfoil.webhooks.steps.seen import Seen, all_seen, seen
from counterfoil.webhooks.store import outbox, rows


@operation("webhook.list", requires=Scope.POLICY_MANAGE, reads=True)
def list_webhooks(work: Work) -> list[Seen]:
    """List the webhooks of the organization, the oldest first."""
    work.permit()
    return all_seen(work, rows.webhooks_in(work.tx, work.caller.organization))


@operation("webhook.show", requires=Scope.POLICY_MANAGE, reads=True)
def show_webhook(work: Work, id_: WebhookId) -> Seen:
    """Show a webhook."""
    work.permit(target=spell(Prefix.WEBHOOK, id_))
    return seen(work, rows.webhook(work.tx, work.caller.organization, id_))


@operation("webhook.list_messages", requires=Scope.POLICY_MANAGE, reads=True)
def list_messages(work: Work, id_: WebhookId, wanted: Wanted) -> Page[Message]:
    """List what a webhook was told, or shall be, the latest first.

    Not what was in it: whoever looks may see less than the webhook's owner.
    """
    work.permit(target=spell(Prefix.WEBHOOK, id_))
    rows.webhook(work.tx, work.caller.organization, id_)
    return outbox.page(work.tx, id_, wanted)
