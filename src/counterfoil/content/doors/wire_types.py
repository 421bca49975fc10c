"""Content types as they come in and go out."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from counterfoil.content.model import ContentType
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.given import Content, Given, Id, Instant


class NewItemTypeAttributes(Body, frozen=True):
    """A content type: its names, its URI and its JSON Schema (2020-12)."""

    api_key: str
    name: str
    schema_id: str
    body: dict[str, Any]


class NewItemType(Body, frozen=True):
    """A new content type."""

    type: Literal["item_type"]
    attributes: NewItemTypeAttributes


class NewItemTypeBody(Body, frozen=True):
    """The document that makes a content type."""

    data: NewItemType


class ItemTypeAttributes(Body, frozen=True):
    """What may be changed of a content type; its api_key stays."""

    name: str | UnsetType = UNSET
    schema_id: str | UnsetType = UNSET
    body: dict[str, Any] | UnsetType = UNSET


class ChangedItemType(Body, frozen=True):
    """A content type with what changes."""

    type: Literal["item_type"]
    attributes: ItemTypeAttributes
    id: str | UnsetType = UNSET


class ItemTypeBody(Body, frozen=True):
    """The document that changes a content type."""

    data: ChangedItemType


class ItemTypeFacts(Given, frozen=True):
    """A content type: its names, its URI and its JSON Schema (2020-12)."""

    api_key: str
    name: str
    schema_id: str
    body: Content


class ItemTypeTraces(Given, frozen=True):
    """When a content type was made and changed."""

    version: int
    created_at: Instant
    updated_at: Instant


class ItemType(Given, frozen=True, tag_field="type", tag="item_type"):
    """A type of entries."""

    id: Id
    attributes: ItemTypeFacts
    meta: ItemTypeTraces


class SchemaFacts(Given, frozen=True):
    """A JSON Schema (2020-12), and the content type whose it is."""

    schema_id: str
    api_key: str
    body: Content
    version: int


class ContentTypeSchema(Given, frozen=True, tag_field="type", tag="content_type_schema"):
    """A content type by its schema alone, as the export writes it."""

    id: Id
    attributes: SchemaFacts


def show_type(shown: ContentType) -> ItemType:
    """Describe a content type."""
    return ItemType(
        id=str(shown.id),
        attributes=ItemTypeFacts(
            api_key=shown.api_key,
            name=shown.name,
            schema_id=shown.schema_id,
            body=msgspec.json.decode(shown.body),
        ),
        meta=ItemTypeTraces(
            version=shown.version, created_at=shown.created_at, updated_at=shown.updated_at
        ),
    )


def show_schema(shown: ContentType) -> ContentTypeSchema:
    """Describe a content type by its schema alone."""
    facts = SchemaFacts(
        schema_id=shown.schema_id,
        api_key=shown.api_key,
        body=msgspec.json.decode(shown.body),
        version=shown.version,
    )
    return ContentTypeSchema(id=str(shown.id), attributes=facts)
