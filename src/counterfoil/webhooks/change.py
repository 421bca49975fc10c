"""A webhook changes: whoever says where to, what of, or that it is on, answers for it from then on.

Otherwise somebody could have sent to an address of their own what only its owner may see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from msgspec import UnsetType

from counterfoil.access.scope import Scope
from counterfoil.kernel.ids import WebhookId
from counterfoil.operation import Work, operation
from counterfoil.webhooks import policy
from counterfoil.webhooks.model import Webhook
from counterfoil.webhooks.steps.begin import begun
from counterfoil.webhooks.steps.changes import tell_change
from counterfoil.webhooks.steps.seen import Seen, held, seen
from counterfoil.webhooks.store import rows
from counterfoil.webhooks.wish import Wish


@operation("webhook.edit", requires=Scope.POLICY_MANAGE)
def edit_webhook(
    work: Work,
    id_: WebhookId,
    wish: Wish,
    expected: int | None = None,
    reaches: Callable[[str], bool] = bool,
) -> Seen:
    """Change a webhook, or switch it off and on; its secret stays. `reaches` is the office's."""
    before = held(work, id_, expected)
    after = begun(work, _wanted(before, wish, reaches))
    touched = replace(after, name=before.name, enabled=before.enabled) != before
    user = work.caller.user
    if user is not None and (touched or (after.enabled and wish.enabled is True)):
        after = replace(after, owner=user)
    if after.enabled:
        after = replace(after, is_orphan=False)
    if after == before:
        return seen(work, before)
    after = replace(after, updated_at=work.now, version=before.version + 1)
    rows.save(work.tx, after)
    tell_change(work, before, after)
    return seen(work, after)


def _wanted(before: Webhook, wish: Wish, reaches: Callable[[str], bool]) -> Webhook:
    url = before.url if isinstance(wish.url, UnsetType) else wish.url
    return replace(
        before,
        name=before.name if isinstance(wish.name, UnsetType) else policy.named(wish.name),
        url=url if url == before.url else policy.target(url, reaches),
        events=before.events if isinstance(wish.events, UnsetType) else policy.chosen(wish.events),
        enabled=before.enabled if isinstance(wish.enabled, UnsetType) else wish.enabled,
    )
