"""Nodes and entries as they come in."""

from __future__ import annotations

from typing import Any, Final, Literal

from msgspec import UNSET, UnsetType, field

from counterfoil.jsonapi.body import Body
from counterfoil.kernel import ids
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import ContentTypeId, NodeId, Prefix

_NOBODY: Final = NodeId(0)


class NodeName(Body, frozen=True):
    """A node by its id; an entry is one too."""

    type: Literal["node", "item"]
    id: str


class ToNode(Body, frozen=True):
    """A relationship with one node."""

    data: NodeName


class ItemTypeName(Body, frozen=True):
    """A content type by its id."""

    type: Literal["item_type"]
    id: str


class ToItemType(Body, frozen=True):
    """A relationship with one content type."""

    data: ItemTypeName


class NewItemRelationships(Body, frozen=True):
    """Where a new entry stands and what type it is of."""

    parent: ToNode
    item_type: ToItemType


class ItemMeta(Body, frozen=True):
    """What may be set of an entry besides its content."""

    slug: str | UnsetType = UNSET


class NewItem(Body, frozen=True):
    """A new entry. Its attributes are its content."""

    type: Literal["item"]
    relationships: NewItemRelationships
    attributes: dict[str, Any] = field(default_factory=dict)
    meta: ItemMeta = field(default_factory=ItemMeta)


class NewItemBody(Body, frozen=True):
    """The document that makes an entry."""

    data: NewItem


class Placing(Body, frozen=True):
    """Where a node moves to."""

    parent: ToNode | UnsetType = UNSET


class ChangedItem(Body, frozen=True):
    """An entry with what changes."""

    type: Literal["item"]
    id: str | UnsetType = UNSET
    attributes: dict[str, Any] | UnsetType = UNSET
    relationships: Placing = field(default_factory=Placing)
    meta: ItemMeta = field(default_factory=ItemMeta)


class ItemBody(Body, frozen=True):
    """The document that changes an entry."""

    data: ChangedItem


class Facts(Body, frozen=True, kw_only=True):
    """What may be said of an asset: `alt` and `title` by locale, where null takes a text away."""

    filename: str | UnsetType = UNSET
    media_type: str | UnsetType = UNSET
    size: int | UnsetType = UNSET
    alt: dict[str, str | None] | UnsetType = UNSET
    title: dict[str, str | None] | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    author: str | UnsetType = UNSET
    copyright: str | UnsetType = UNSET
    notes: str | UnsetType = UNSET


class NewNodeAttributes(Facts, frozen=True):
    """A folder, a link or an asset; entries are made as items."""

    slug: str
    kind: Literal["folder", "link", "asset"] = "folder"


class NewNodeRelationships(Body, frozen=True):
    """Where a new node stands and, for a link, what it points at."""

    parent: ToNode
    target: ToNode | UnsetType = UNSET


class NewNode(Body, frozen=True):
    """A new node."""

    type: Literal["node"]
    attributes: NewNodeAttributes
    relationships: NewNodeRelationships


class NewNodeBody(Body, frozen=True):
    """The document that makes a node."""

    data: NewNode


class NodeAttributes(Facts, frozen=True):
    """What may be changed of a node; all but the slug is an asset's."""

    slug: str | UnsetType = UNSET


class ChangedNode(Body, frozen=True):
    """A node with what changes."""

    type: Literal["node"]
    id: str | UnsetType = UNSET
    attributes: NodeAttributes = field(default_factory=NodeAttributes)
    relationships: Placing = field(default_factory=Placing)


class NodeBody(Body, frozen=True):
    """The document that changes a node."""

    data: ChangedNode


def node_id(text: str) -> NodeId:
    """Read a node's id. What can be none is read as one that nobody has.

    So the malformed, the unknown and the outside take the same way and get the same answer (S31).
    """
    try:
        return NodeId(ids.read(Prefix.NODE, text))
    except NotFound:
        return _NOBODY


def content_type_id(text: str) -> ContentTypeId:
    """Read a content type's id, as `node_id` does."""
    try:
        return ContentTypeId(ids.read(Prefix.CONTENT_TYPE, text))
    except NotFound:
        return ContentTypeId(_NOBODY)


def asset_facts(attributes: Facts) -> dict[str, Any]:
    """Return what is said of a file."""
    said = {name: getattr(attributes, name) for name in Facts.__struct_fields__}
    return {name: value for name, value in said.items() if value is not UNSET}
