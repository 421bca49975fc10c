"""A webhook gets another secret; for a day messages are signed with both."""

from __future__ import annotations

from counterfoil.access.scope import Scope
from counterfoil.kernel.ids import WebhookId
from counterfoil.operation import Work, operation
from counterfoil.webhooks import signature
from counterfoil.webhooks.steps.seen import Seen, held, seen
from counterfoil.webhooks.store import rows


@operation("webhook.rotate", requires=Scope.POLICY_MANAGE, fresh=True)
def rotate_secret(work: Work, id_: WebhookId, expected: int | None = None) -> Seen:
    """Replace the secret of a webhook; the new one is shown this once."""
    before = held(work, id_, expected)
    after = before.rotated(work.entropy(signature.SECRET_BYTES), work.now)
    rows.save(work.tx, after)
    return seen(work, after, signature.spelled(after.secret))
