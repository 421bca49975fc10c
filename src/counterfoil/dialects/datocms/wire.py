"""Records as DatoCMS's client writes and reads them."""

from __future__ import annotations

import re
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType, field

from counterfoil.content import Hand, Order, Schedule, Shown, Status
from counterfoil.content.doors.wire import ToItemType, ToNode
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.given import Content, Given, Id, Instant, ToOne, to_one
from counterfoil.jsonapi.parameter import SAMPLE
from counterfoil.kernel.ids import NodeId

_VERSION: Final = re.compile(r"([1-9][0-9]{15})-([0-9]{1,9})")
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
    publication_scheduled_at: Instant | None
    unpublishing_scheduled_at: Instant | None
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


def version_named(node: NodeId, number: int) -> str:
    """Return the id of a version of a record."""
    return f"{node}-{number}"


def version_in(text: str) -> tuple[NodeId, int] | None:
    """Return of which record an id names which version; None if it names none."""
    found = _VERSION.fullmatch(text)
    return None if found is None else (NodeId(int(found[1])), int(found[2]))


def show_record(shown: Shown, planned: Schedule | None = None) -> RecordShown:
    """Describe a record with its fields, its model, its maker, its state and what is planned."""
    node = shown.node
    return RecordShown(
        id=str(node.id),
        attributes={} if shown.content is None else msgspec.Raw(shown.content),
        relationships=RecordTies(
            item_type=to_one("item_type", node.content_type), creator=made_by(node.created)
        ),
        meta=RecordState(
            created_at=node.created_at,
            updated_at=node.updated_at,
            published_at=node.published_at,
            first_published_at=node.published_at,
            publication_scheduled_at=None if planned is None else planned.publish_at,
            unpublishing_scheduled_at=None if planned is None else planned.unpublish_at,
            status=node.status,
            is_valid=True,
            is_current_version_valid=True,
            is_published_version_valid=None if node.published is None else True,
            current_version=version_named(node.id, node.draft or 0),
            stage=None,
            has_children=None,
        ),
    )


def made_by(hand: Hand) -> ToOne:
    """Name who did it: the user, or the token that acts for nobody."""
    if hand.user is not None:
        return to_one("user", hand.user)
    return to_one("access_token", hand.token)
