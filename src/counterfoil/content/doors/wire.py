"""Nodes and entries as they come in and go out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType, field

from counterfoil.access.surface import Surface
from counterfoil.content.model import Kind, Node, Shown, Status
from counterfoil.content.store.seen import shown_at
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.document import document, etag, resource, to_one
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Invalid, NotFound
from counterfoil.kernel.ids import ContentTypeId, NodeId, Prefix
from counterfoil.operation import Work

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


class NewNodeAttributes(Body, frozen=True):
    """A folder, a link or an asset; entries are made as items."""

    slug: str
    kind: Literal["folder", "link", "asset"] = "folder"
    filename: str | UnsetType = UNSET
    media_type: str | UnsetType = UNSET
    size: int | UnsetType = UNSET


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


class NodeAttributes(Body, frozen=True):
    """What may be changed of a node; all but the slug is an asset's."""

    slug: str | UnsetType = UNSET
    filename: str | UnsetType = UNSET
    media_type: str | UnsetType = UNSET
    size: int | UnsetType = UNSET


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


def refuse_other_id(given: str | UnsetType, prefix: Prefix, addressed: str) -> None:
    """Return if a body names the thing that the address names, or none."""
    if given is not UNSET and given.removeprefix(f"{prefix}_") != addressed.removeprefix(
        f"{prefix}_"
    ):
        raise Invalid(
            Code.INVALID_FIELD, "The body names another id than the address.", field="/data/id"
        )


def asset_facts(attributes: NodeAttributes | NewNodeAttributes) -> dict[str, Any]:
    """Return what is said of a file."""
    said = {
        "filename": attributes.filename,
        "media_type": attributes.media_type,
        "size": attributes.size,
    }
    return {name: value for name, value in said.items() if value is not UNSET}


def settled(
    work: Work,
    described: Mapping[str, Any],
    version: int,
    *,
    made_at: str | None = None,
    lessens: bool = False,
) -> Answer:
    """Answer a write, once its work is committed.

    Args:
        work: what was done.
        described: the resource that was written.
        version: its version now.
        made_at: its address, if it was made.
        lessens: whether it may have taken power away, which holds on this host from now on.
    """
    meta = {"effective": "host", "position": work.position} if lessens else None
    headers = etag(version)
    if made_at is None:
        return Answer(200, document(described, meta), headers, work.position)
    return Answer(201, document(described), {"Location": made_at, **headers}, work.position)


def show_item(shown: Shown, surface: Surface, *, whole: bool = False) -> dict[str, Any]:
    """Describe an entry: its content, its type and its state.

    With `whole` the content is read and written anew, for answers that somebody looks into.
    """
    node = shown.node
    content: object = {}
    if shown.content is not None:
        content = msgspec.json.decode(shown.content) if whole else msgspec.Raw(shown.content)
    relationships = {
        "item_type": to_one("item_type", node.content_type),
        "parent": to_one("node", shown.parent),
    }
    meta = {"slug": node.slug, **_state(node, surface), **_dates(shown, surface)}
    if surface is not Surface.DELIVERY:
        relationships["creator"] = to_one("user", node.created.user)
        meta |= _hands(node)
    return {
        **resource("item", node.id, {}, relationships, meta),
        "attributes": content,
    }


def show_node(shown: Shown, surface: Surface) -> dict[str, Any]:
    """Describe a node: its name, its kind and its place."""
    node = shown.node
    attributes: dict[str, Any] = {"kind": str(node.kind), "slug": node.slug}
    if node.kind is Kind.ASSET and shown.content is not None:
        attributes |= msgspec.json.decode(shown.content)
    if node.kind is Kind.ENTRY:
        attributes |= _state(node, surface)
    relationships = {"parent": to_one("node", shown.parent)}
    if node.target is not None:
        relationships["target"] = to_one("node", node.target)
    if node.content_type is not None:
        relationships["item_type"] = to_one("item_type", node.content_type)
    meta = _dates(shown, surface)
    if surface is not Surface.DELIVERY:
        meta |= _hands(node)
    return resource("node", node.id, attributes, relationships, meta)


def _state(node: Node, surface: Surface) -> dict[str, Any]:
    status = Status.PUBLISHED if surface is Surface.DELIVERY else node.status
    return {"status": str(status), "published_at": node.published_at}


def _dates(shown: Shown, surface: Surface) -> dict[str, Any]:
    return {
        "created_at": shown.node.created_at,
        "updated_at": shown_at(shown, surface),
    }


def _hands(node: Node) -> Mapping[str, Any]:
    """Say who made and changed it, and with which credential (G7)."""
    return {
        "version": node.version,
        "created_by": _text(node.created.user),
        "created_with": _text(node.created.token),
        "updated_by": _text(node.updated.user),
        "updated_with": _text(node.updated.token),
        "trashed_at": node.trashed_at,
    }


def _text(id_: int | None) -> str | None:
    return None if id_ is None else str(id_)
