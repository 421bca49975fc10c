"""A webhook as it is shown: whether it is told anything now, and in whose name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from counterfoil import directory
from counterfoil.kernel.ids import Prefix, WebhookId, spell
from counterfoil.kernel.version import require_version
from counterfoil.operation import Work
from counterfoil.webhooks.model import Standing, Webhook
from counterfoil.webhooks.steps.authority import standing
from counterfoil.webhooks.store import rows


@dataclass(frozen=True, slots=True)
class Seen:
    """A webhook, whether it is told anything now, and what its owner is called.

    `secret` is there when it was made just now: it is shown once.
    """

    webhook: Webhook
    standing: Standing
    owner: str
    secret: str | None = None


def seen(work: Work, webhook: Webhook, secret: str | None = None) -> Seen:
    """Return a webhook as it is shown."""
    owner = directory.user(work.tx, webhook.owner).name
    return Seen(webhook, standing(work.tx, webhook), owner, secret)


def all_seen(work: Work, webhooks: Iterable[Webhook]) -> list[Seen]:
    """Return webhooks as a list shows them."""
    return [seen(work, one) for one in webhooks]


def held(work: Work, id_: WebhookId, expected: int | None = None) -> Webhook:
    """Hold a webhook that is about to change, for whoever may keep webhooks."""
    found = rows.webhook(work.tx, work.caller.organization, id_, hold=True)
    work.permit(target=spell(Prefix.WEBHOOK, id_))
    require_version(found.version, expected)
    return found
