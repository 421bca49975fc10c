"""Webhooks and messages, as they come in and go out."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.given import Given, Id, Instant, ToOne, Versioned, to_one
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.webhooks.model import Message
from counterfoil.webhooks.steps.seen import Seen
from counterfoil.webhooks.wish import Wish

Events = Annotated[list[str], Meta(max_length=50)]


class NewWebhookAttributes(Body, frozen=True):
    """A webhook to be: without a name it is called by its host."""

    url: str
    events: Events
    name: str | UnsetType = UNSET
    enabled: bool = True


class NewWebhook(Body, frozen=True):
    """A webhook to be registered."""

    type: Literal["webhook"]
    attributes: NewWebhookAttributes


class NewWebhookBody(Body, frozen=True):
    """The document that registers a webhook."""

    data: NewWebhook


class WebhookAttributes(Body, frozen=True):
    """What changes of a webhook; what is absent stays."""

    url: str | UnsetType = UNSET
    events: Events | UnsetType = UNSET
    name: str | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class ChangedWebhook(Body, frozen=True):
    """A webhook with what changes."""

    type: Literal["webhook"]
    attributes: WebhookAttributes
    id: str | UnsetType = UNSET


class WebhookBody(Body, frozen=True):
    """The document that changes a webhook."""

    data: ChangedWebhook


def wish_of(said: NewWebhookAttributes | WebhookAttributes) -> Wish:
    """Return what these attributes express."""
    events = said.events if isinstance(said.events, UnsetType) else tuple(said.events)
    return Wish(said.name, said.url, events, said.enabled)


class WebhookFacts(Given, frozen=True):
    """Where it is told what, and whether it is told anything now: `standing` says why not.

    `secret` is there in the one answer that makes it, else null.
    """

    name: str
    url: str
    events: list[str]
    enabled: bool
    standing: Literal["on", "off", "owner_left", "owner_lacks_scope"]
    secret: str | None
    former_secret_until: Instant | None
    created_at: Instant
    updated_at: Instant


class WebhookOwner(Given, frozen=True):
    """In whose name it is told: nothing that they may not see."""

    owner: ToOne


class WebhookShown(Given, frozen=True, tag_field="type", tag="webhook"):
    """A webhook."""

    id: Id
    attributes: WebhookFacts
    relationships: WebhookOwner
    meta: Versioned


class MessageFacts(Given, frozen=True):
    """What became of a message: when it is sent next, and what was answered last, or why nothing.

    `webhook_id` is what the receiver gets as the header of that name.
    """

    webhook_id: str
    event: str
    state: Literal["waiting", "delivered", "given_up", "withheld"]
    happened_at: Instant
    tries: int
    tried_at: Instant | None
    due_at: Instant | None
    status: int | None
    failure: str | None


class MessageShown(Given, frozen=True, tag_field="type", tag="webhook_message"):
    """A message to a webhook."""

    id: Id
    attributes: MessageFacts


def show(seen: Seen) -> WebhookShown:
    """Describe a webhook."""
    one = seen.webhook
    facts = WebhookFacts(
        name=one.name,
        url=one.url,
        events=[str(kind) for kind in one.events],
        enabled=one.enabled,
        standing=seen.standing.value,
        secret=seen.secret,
        former_secret_until=one.former and one.former[1],
        created_at=one.created_at,
        updated_at=one.updated_at,
    )
    owner = WebhookOwner(owner=to_one("user", one.owner))
    meta = Versioned(version=one.version)
    return WebhookShown(id=str(one.id), attributes=facts, relationships=owner, meta=meta)


def show_message(one: Message) -> MessageShown:
    """Describe a message."""
    facts = MessageFacts(
        webhook_id=spell(Prefix.MESSAGE, one.id),
        event=str(one.event.kind),
        state=one.state.value,
        happened_at=one.at,
        tries=one.tries,
        tried_at=one.tried_at,
        due_at=one.due_at,
        status=one.status,
        failure=one.failure,
    )
    return MessageShown(id=str(one.id), attributes=facts)
