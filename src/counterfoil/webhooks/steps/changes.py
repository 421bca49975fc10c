"""What goes on record of a webhook that is registered or changes (X2)."""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import urlsplit

from counterfoil.audit.changes import Facts
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.operation import Work
from counterfoil.webhooks.model import Webhook


def tell_change(work: Work, before: Webhook | None, after: Webhook) -> None:
    """Have on record what becomes of a webhook.

    Of its address the host is said, and digits by which another one shows: what stands behind a
    host is a secret with many services.
    """
    work.changed(spell(Prefix.WEBHOOK, after.id), lambda: (_facts(before), _facts(after)))


def _facts(webhook: Webhook | None) -> Facts:
    if webhook is None:
        return {}
    return {
        "name": webhook.name,
        "url": _address(webhook.url),
        "events": tuple(str(kind) for kind in webhook.events),
        "enabled": webhook.enabled,
        "owner": spell(Prefix.USER, webhook.owner),
    }


def _address(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/… {sha256(url.encode()).hexdigest()[:8]}"
