"""In whose name a webhook is told, and what they may see now: asked anew each time (S21, S53)."""

from __future__ import annotations

from sqlalchemy import Connection

from counterfoil import directory
from counterfoil.access.grant import Grant
from counterfoil.access.scope import Scope
from counterfoil.kernel.errors import Denied, NotFound
from counterfoil.webhooks.model import Event, Standing, Webhook


def standing(tx: Connection, webhook: Webhook) -> Standing:
    """Return whether a webhook is told anything now, and if not, why."""
    if not webhook.enabled:
        return Standing.OWNER_LEFT if webhook.is_orphan else Standing.OFF
    grant = _grant(tx, webhook)
    if not grant.terms:
        return Standing.OWNER_LEFT
    holds = grant.scopes & Scope.POLICY_MANAGE.bit
    return Standing.ON if holds else Standing.OWNER_LACKS_SCOPE


def is_told(tx: Connection, webhook: Webhook, event: Event) -> bool:
    """Say whether a webhook is told of an event: its owner may see what that is about (S30)."""
    if standing(tx, webhook) is not Standing.ON:
        return False
    if event.scope is None:
        return True
    grant = _grant(tx, webhook)
    try:
        if event.node is None:
            grant.hold(event.scope)
        else:
            grant.permit(event.scope, directory.lineage(tx, event.organization, event.node))
    except (Denied, NotFound):
        return False
    return True


def _grant(tx: Connection, webhook: Webhook) -> Grant:
    try:
        return Grant(directory.member(tx, webhook.organization, webhook.owner).terms)
    except NotFound:
        return Grant(())
