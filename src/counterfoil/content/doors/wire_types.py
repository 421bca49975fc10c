"""Content types as they come in and go out."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from counterfoil.content.model import ContentType
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.document import resource


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


def show_type(shown: ContentType) -> dict[str, Any]:
    """Describe a content type."""
    attributes = {
        "api_key": shown.api_key,
        "name": shown.name,
        "schema_id": shown.schema_id,
        "body": msgspec.json.decode(shown.body),
    }
    meta = {
        "version": shown.version,
        "created_at": shown.created_at,
        "updated_at": shown.updated_at,
    }
    return resource("item_type", shown.id, attributes, meta=meta)


def show_schema(shown: ContentType) -> dict[str, Any]:
    """Describe a content type by its schema alone, as the export writes it."""
    attributes = {
        "schema_id": shown.schema_id,
        "api_key": shown.api_key,
        "body": msgspec.json.decode(shown.body),
        "version": shown.version,
    }
    return resource("content_type_schema", shown.id, attributes)
