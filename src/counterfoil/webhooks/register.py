"""A webhook is registered: by a person, in whose name it is told from then on."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import UnsetType

from counterfoil import directory
from counterfoil.access.scope import Scope
from counterfoil.kernel.errors import Code, Conflict, Invalid
from counterfoil.kernel.ids import Prefix, WebhookId, spell
from counterfoil.operation import Work, operation
from counterfoil.webhooks import policy, signature
from counterfoil.webhooks.model import Event, EventKind, Webhook
from counterfoil.webhooks.steps.begin import begun
from counterfoil.webhooks.steps.changes import tell_change
from counterfoil.webhooks.steps.seen import Seen, seen
from counterfoil.webhooks.steps.tell import message
from counterfoil.webhooks.store import outbox, rows
from counterfoil.webhooks.wish import Wish


@operation("webhook.create", requires=Scope.POLICY_MANAGE, fresh=True)
def create_webhook(work: Work, wish: Wish, reaches: Callable[[str], bool] = bool) -> Seen:
    """Register an address that is told of events; its secret is shown this once.

    It is told at once that it is registered, so that its keeper sees whether it hears. `reaches` is
    the office's.
    """
    work.permit()
    here, owner = work.caller.organization, work.caller.user
    assert owner is not None  # noqa: S101 - a session is somebody's
    if isinstance(wish.url, UnsetType):
        raise Invalid(Code.INVALID_FIELD, "Where to?", field="/data/attributes/url")
    directory.hold_policy(work.tx, here)
    if len(rows.webhooks_in(work.tx, here)) >= policy.MOST:
        raise Conflict(Code.CONFLICT, "There are as many webhooks as there may be.")
    url = policy.target(wish.url, reaches)
    new = Webhook(
        here,
        WebhookId(work.new_id()),
        owner,
        policy.named(policy.name_of(url) if isinstance(wish.name, UnsetType) else wish.name),
        url,
        policy.chosen(() if isinstance(wish.events, UnsetType) else wish.events),
        secret=work.entropy(signature.SECRET_BYTES),
        created_at=work.now,
        updated_at=work.now,
        enabled=wish.enabled is not False,
    )
    new = begun(work, new)
    rows.add(work.tx, new)
    spelled = spell(Prefix.WEBHOOK, new.id)
    work.aims_at(spelled)
    tell_change(work, None, new)
    if new.enabled:
        ping = Event(here, EventKind.PING, {"webhook": spelled})
        outbox.add(work.tx, [message(work, new, ping)])
    return seen(work, new, signature.spelled(new.secret))
