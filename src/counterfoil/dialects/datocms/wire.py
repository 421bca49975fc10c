"""Records as DatoCMS's client writes and reads them."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType, field

from counterfoil.content import Node, Order, Shown, Status
from counterfoil.content.doors.wire import ToItemType, ToNode
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.given import Content, Given, Id, Instant, ToOne, to_one
from counterfoil.jsonapi.parameter import SAMPLE

ORDERS: Final = {
    "_created_at": Order.CREATED_AT,
    "_updated_at": Order.UPDATED_AT,
    "slug": Order.SLUG,
}
"""By what records can be ordered, in the vendor's words."""


class RecordRelationships(Body, frozen=True):
    """The model of a record and, a word of ours, the node that it stands under."""

    item_type: ToItemType | UnsetType = UNSET
    parent: ToNode | UnsetType = UNSET
    creator: dict[str, Any] | UnsetType = UNSET


class RecordMeta(Body, frozen=True):
    """Which version was looked at, to change no other."""

    current_version: str | UnsetType = UNSET


class RecordChange(Body, frozen=True):
    """A record that comes in; its attributes are its fields."""

    type: Literal["item"]
    id: str | UnsetType = UNSET
    attributes: dict[str, Any] = field(default_factory=dict)
    relationships: RecordRelationships = field(default_factory=RecordRelationships)
    meta: RecordMeta = field(default_factory=RecordMeta)


class RecordBody(Body, frozen=True):
    """The document that makes or changes a record."""

    data: RecordChange


NEW_RECORD: Final = {
    "data": {
        "type": "item",
        "attributes": {"title": "Hello, world!"},
        "relationships": {"item_type": {"data": {"type": "item_type", "id": SAMPLE}}},
    }
}
RECORD: Final = {
    "data": {"type": "item", "id": SAMPLE, "attributes": {"title": "Hello again"}},
}


class RecordTies(Given, frozen=True):
    """The model of a record, and the user or token that made it."""

    item_type: ToOne
    creator: ToOne


class RecordState(Given, frozen=True):
    """What is known of a record besides its fields."""

    created_at: Instant
    updated_at: Instant
    published_at: Instant | None
    first_published_at: Instant | None
    publication_scheduled_at: None
    unpublishing_scheduled_at: None
    status: Status
    is_valid: bool
    is_current_version_valid: bool
    is_published_version_valid: bool | None
    current_version: str
    stage: None
    has_children: None


class RecordShown(Given, frozen=True, tag_field="type", tag="item"):
    """A record; its attributes are its fields."""

    id: Id
    attributes: Content
    relationships: RecordTies
    meta: RecordState


class RecordsCounted(Given, frozen=True):
    """How many records there are on all pages together."""

    total_count: int | None


class Records(Given, frozen=True):
    """Records, and how many there are on all pages together."""

    data: list[RecordShown]
    meta: RecordsCounted


def show_record(shown: Shown) -> RecordShown:
    """Describe a record with its fields, its model, its maker and its state."""
    node = shown.node
    return RecordShown(
        id=str(node.id),
        attributes={} if shown.content is None else msgspec.Raw(shown.content),
        relationships=RecordTies(
            item_type=to_one("item_type", node.content_type), creator=_creator(node)
        ),
        meta=RecordState(
            created_at=node.created_at,
            updated_at=node.updated_at,
            published_at=node.published_at,
            first_published_at=node.published_at,
            publication_scheduled_at=None,
            unpublishing_scheduled_at=None,
            status=node.status,
            is_valid=True,
            is_current_version_valid=True,
            is_published_version_valid=None if node.published is None else True,
            current_version=str(node.version),
            stage=None,
            has_children=None,
        ),
    )


def _creator(node: Node) -> ToOne:
    """Name who made it: the user, or the token that acts for nobody."""
    if node.created.user is not None:
        return to_one("user", node.created.user)
    return to_one("access_token", node.created.token)
