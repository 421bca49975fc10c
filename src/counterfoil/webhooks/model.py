"""Webhooks: who is told what, and what became of telling them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from counterfoil.access.scope import Scope
from counterfoil.kernel.ids import MessageId, NodeId, OrganizationId, UserId, WebhookId

Data: TypeAlias = Mapping[str, str]
"""What a message says of what it is about: ids, spelled, and nothing else. Of the audit trail it
holds the positions between which its entries stand."""

OVERLAP: Final = timedelta(days=1)
"""For so long messages are signed with the former secret too."""

KEPT: Final = timedelta(days=30)
"""After so long what was told, or given up, is forgotten."""


class EventKind(StrEnum):
    """What a webhook may be told of."""

    TOKEN_REQUESTED = "token.requested"
    TOKEN_APPROVED = "token.approved"
    TOKEN_DENIED = "token.denied"
    TOKEN_CREATED = "token.created"
    TOKEN_ROTATED = "token.rotated"
    TOKEN_EXPIRING = "token.expiring"
    TOKEN_EXPIRED = "token.expired"
    TOKEN_DISABLED = "token.disabled"
    TOKEN_ENABLED = "token.enabled"
    TOKEN_REVOKED = "token.revoked"
    TOKEN_ALL_REVOKED = "token.all_revoked"
    TOKEN_LEAKED = "token.leaked"
    TOKEN_ANOMALY = "token.anomaly"
    POLICY_CHANGED = "policy.changed"
    CONTENT_PUBLISHED = "content.published"
    CONTENT_UNPUBLISHED = "content.unpublished"
    AUDIT_RECORDED = "audit.recorded"
    """Entries of the audit trail, several at a time: see `webhooks.trail`."""
    PING = "webhook.ping"
    """Told once to every new webhook, whatever it asks for: so it is seen to work."""


CHOOSABLE: Final = tuple(kind for kind in EventKind if kind is not EventKind.PING)
"""What may be asked for."""


class Standing(StrEnum):
    """Whether a webhook is told anything now, and if not, why."""

    ON = "on"
    OFF = "off"
    OWNER_LEFT = "owner_left"
    """Its owner may do nothing here any more: it was switched off with them (S20)."""
    OWNER_LACKS_SCOPE = "owner_lacks_scope"
    """Its owner's roles no longer let them keep webhooks."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told of what becomes true in an organization.

    Attributes:
        owner: in whose name it is told: whoever chose last where to and what of. It is told nothing
            that they may not see.
        secret: what messages are signed with: 32 bytes.
        former: the secret before, and until when messages are signed with it too.
        is_orphan: whether it was switched off because its owner was shut out.
        trail: up to which position of the audit trail it was told; None if it is told none of it.
    """

    organization: OrganizationId
    id: WebhookId
    owner: UserId
    name: str
    url: str
    events: tuple[EventKind, ...]
    secret: bytes
    created_at: datetime
    updated_at: datetime
    enabled: bool = True
    is_orphan: bool = False
    former: tuple[bytes, datetime] | None = None
    trail: int | None = None
    version: int = 1

    def secrets(self, now: datetime) -> tuple[bytes, ...]:
        """Return what a message is signed with now, the newest first."""
        if self.former is None or self.former[1] <= now:
            return (self.secret,)
        return self.secret, self.former[0]

    def rotated(self, secret: bytes, now: datetime) -> Webhook:
        """Return it with another secret; the old one signs along for a day."""
        former = (self.secret, now + OVERLAP)
        return replace(self, secret=secret, former=former, updated_at=now, version=self.version + 1)

    def orphaned(self, now: datetime) -> Webhook:
        """Return it switched off, for its owner is shut out."""
        return replace(
            self, enabled=False, is_orphan=True, updated_at=now, version=self.version + 1
        )


class State(StrEnum):
    """What became of a message."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"
    WITHHELD = "withheld"
    """It was not sent: the webhook is off, or its owner may not see what it is about."""


@dataclass(frozen=True, slots=True)
class Event:
    """What became true, who may be told, and where it stands if it stands in the tree."""

    organization: OrganizationId
    kind: EventKind
    data: Data
    scope: Scope | None = None
    node: NodeId | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One event on its way to one webhook.

    Attributes:
        tries: how often it was sent.
        due_at: when it is sent next; None if it is not.
        status: what the last answer was, if there was one.
        failure: why there was none.
    """

    id: MessageId
    webhook: WebhookId
    event: Event
    at: datetime
    state: State = State.WAITING
    tries: int = 0
    due_at: datetime | None = None
    tried_at: datetime | None = None
    status: int | None = None
    failure: str | None = None
