"""What follows for webhooks from what lower slices said, in the same transaction."""

from __future__ import annotations

from counterfoil.access.scope import Scope
from counterfoil.content import EntryTurned
from counterfoil.directory import PolicyEdited
from counterfoil.directory.enroll import BY_HAND
from counterfoil.feed.event import CutOff, MemberRecorded
from counterfoil.kernel.ids import OrganizationId, Prefix, UserId, spell
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens import TokenTurned
from counterfoil.webhooks.model import Event, EventKind, Webhook
from counterfoil.webhooks.steps.tell import tell
from counterfoil.webhooks.store import rows


def follow(work: Work, told: object) -> None:
    """Do what follows from an event, or from what else was announced."""
    if isinstance(told, MemberRecorded):
        if not told.active and told.organization is not None:
            _stop(work, OrganizationId(told.organization), UserId(told.user))
    elif isinstance(told, CutOff):
        if told.subject == work.caller.organization:
            tell(work, _of_all_tokens(work.caller.organization))
    elif isinstance(told, TokenTurned):
        tell(work, _of_token(told))
    elif isinstance(told, EntryTurned):
        tell(work, _of_entry(told))
    elif isinstance(told, PolicyEdited) and told.before != told.after:
        here = spell(Prefix.ORGANIZATION, told.organization)
        data = {"organization": here}
        tell(work, Event(told.organization, EventKind.POLICY_CHANGED, data, Scope.POLICY_MANAGE))


@operation("webhook.stop", requires=None, methods=BY_HAND, vital=True)
def stop(work: Work, webhook: Webhook) -> None:
    """Switch a webhook off whose owner may do nothing here any more (S20).

    That they are let in again does not switch it on: somebody does who may.
    """
    work.permit(target=spell(Prefix.WEBHOOK, webhook.id))
    rows.save(work.tx, webhook.orphaned(work.now))


def _stop(work: Work, here: OrganizationId, user: UserId) -> None:
    for one in rows.owned_by(work.tx, here, user):
        stop(work, one)


def _of_all_tokens(here: OrganizationId) -> Event:
    """Return what is told once where all tokens end by one event: none is told of by itself."""
    data = {"organization": spell(Prefix.ORGANIZATION, here)}
    return Event(here, EventKind.TOKEN_ALL_REVOKED, data, Scope.POLICY_MANAGE)


def _of_token(told: TokenTurned) -> Event:
    data = {
        "organization": spell(Prefix.ORGANIZATION, told.organization),
        "token": spell(Prefix.TOKEN, told.token),
    }
    if told.request is not None:
        data["request"] = spell(Prefix.REQUEST, told.request)
    personal = told.kind is Kind.PERSONAL
    scope = Scope.TOKENS_APPROVE if personal else Scope.TOKENS_MANAGE
    return Event(told.organization, EventKind(f"token.{told.turn}"), data, scope)


def _of_entry(told: EntryTurned) -> Event:
    data = {
        "organization": spell(Prefix.ORGANIZATION, told.organization),
        "entry": spell(Prefix.NODE, told.node),
    }
    kind = EventKind.CONTENT_PUBLISHED if told.published else EventKind.CONTENT_UNPUBLISHED
    return Event(told.organization, kind, data, Scope.CONTENT_READ, told.node)
