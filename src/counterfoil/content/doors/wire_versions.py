"""Versions as they go out."""

from __future__ import annotations

from typing import Any

import msgspec

from counterfoil.content.history import History
from counterfoil.content.model import Kind, Revision
from counterfoil.jsonapi.given import Content, Given, Id, Instant, ToOne, to_one


class VersionTraces(Given, frozen=True):
    """Which version this is, and by whose hand and credential it came."""

    number: int
    is_current: bool
    is_published: bool
    created_at: Instant
    created_by: Id | None
    created_with: Id | None


class EntryOfVersion(Given, frozen=True):
    """The entry that had this content."""

    item: ToOne


class AssetOfVersion(Given, frozen=True):
    """The asset that was this."""

    node: ToOne


class ItemVersion(Given, frozen=True, tag_field="type", tag="item_version"):
    """A version of an entry; its attributes are the content of then."""

    id: str
    attributes: Content
    relationships: EntryOfVersion
    meta: VersionTraces


class NodeVersion(Given, frozen=True, tag_field="type", tag="node_version"):
    """A version of an asset; its attributes are what was known of its file."""

    id: str
    attributes: Content
    relationships: AssetOfVersion
    meta: VersionTraces


def show_version(found: History, one: Revision, kind: Kind) -> ItemVersion | NodeVersion:
    """Describe a version, with its content as it was written."""
    node = found.shown.node
    said: dict[str, Any] = {
        "id": f"{node.id}-{one.number}",
        "attributes": msgspec.Raw(one.content),
        "meta": VersionTraces(
            number=one.number,
            is_current=one.number == node.draft,
            is_published=one.number == node.published,
            created_at=one.made_at,
            created_by=_text(one.made.user),
            created_with=_text(one.made.token),
        ),
    }
    if kind is Kind.ENTRY:
        return ItemVersion(relationships=EntryOfVersion(item=to_one("item", node.id)), **said)
    return NodeVersion(relationships=AssetOfVersion(node=to_one("node", node.id)), **said)


def _text(id_: int | None) -> str | None:
    return None if id_ is None else str(id_)
