"""Entries and the places where they stand, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from counterfoil.client.effect import Effect
from counterfoil.client.resource import Resource, meta_of, number, one_of, related, text


@dataclass(frozen=True, slots=True)
class Item:
    """An entry: `fields` is its content, in the shape of its content type.

    `effect` is there in the answer to a move, which may have taken something away.
    """

    id: str
    slug: str
    status: str
    fields: Mapping[str, Any]
    item_type: str | None
    parent: str | None
    version: int | None
    published_at: str | None
    updated_at: str
    source: Resource = field(repr=False)
    effect: Effect | None = None

    @classmethod
    def of(cls, resource: object, version: int | None = None, effect: Effect | None = None) -> Item:
        """Read a resource of the API."""
        found = one_of(resource, "item")
        meta = meta_of(found)
        return cls(
            id=found["id"],
            slug=text(meta.get("slug")),
            status=text(meta.get("status")),
            fields=found["attributes"],
            item_type=related(found, "item_type"),
            parent=related(found, "parent"),
            version=version or number(meta.get("version")),
            published_at=meta.get("published_at"),
            updated_at=text(meta.get("updated_at")),
            source=found,
            effect=effect,
        )


@dataclass(frozen=True, slots=True)
class Node:
    """A place in the tree and what stands there: a folder, an entry, an asset or a link.

    `effect` is there in the answer to a move, which may have taken something away.
    """

    id: str
    kind: str
    slug: str
    status: str
    parent: str | None
    version: int | None
    source: Resource = field(repr=False)
    effect: Effect | None = None

    @classmethod
    def of(cls, resource: object, version: int | None = None, effect: Effect | None = None) -> Node:
        """Read a resource of the API."""
        found = one_of(resource, "node")
        attributes, meta = found["attributes"], meta_of(found)
        return cls(
            id=found["id"],
            kind=text(attributes.get("kind")),
            slug=text(attributes.get("slug")),
            status=text(attributes.get("status")),
            parent=related(found, "parent"),
            version=version or number(meta.get("version")),
            source=found,
            effect=effect,
        )
