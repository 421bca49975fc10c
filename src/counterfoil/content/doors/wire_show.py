"""Nodes and entries as they go out."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, Raw, UnsetType

from counterfoil.access.surface import Surface
from counterfoil.content import model
from counterfoil.content.model import Kind, Shown, Status
from counterfoil.content.store.seen import shown_at
from counterfoil.jsonapi.given import (
    Content,
    Given,
    Id,
    Instant,
    One,
    ToOne,
    effective,
    etag,
    to_one,
)
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.ids import TokenId, UserId
from counterfoil.operation import Work

T = TypeVar("T")


class Traces(Given, frozen=True):
    """When it was made and changed and, but on delivery, by whose hand and credential (G7)."""

    created_at: Instant
    updated_at: Instant
    version: int | UnsetType = UNSET
    created_by: Id | UnsetType | None = UNSET
    created_with: Id | UnsetType | None = UNSET
    updated_by: Id | UnsetType | None = UNSET
    updated_with: Id | UnsetType | None = UNSET
    trashed_at: Instant | UnsetType | None = UNSET


class ItemTraces(Traces, frozen=True, kw_only=True):
    """What is known of an entry besides its content."""

    slug: str
    status: Status
    published_at: Instant | None


class ItemPlace(Given, frozen=True):
    """Of what type an entry is, where it stands (null above what you see), and who made it."""

    item_type: ToOne
    parent: ToOne
    creator: ToOne | UnsetType = UNSET


class Item(Given, frozen=True, tag_field="type", tag="item"):
    """An entry; its attributes are its content, in the shape of its content type."""

    id: Id
    attributes: Content
    relationships: ItemPlace
    meta: ItemTraces


class NodeFacts(Given, frozen=True):
    """What a node is. Entries have a status, assets what is known of their file.

    If we hold the file itself, `sha256` is its digest in hex; `width` and `height` are a picture's,
    in pixels. What people say of an asset is there if they said it.
    """

    kind: Kind
    slug: str
    status: Status | UnsetType = UNSET
    published_at: Instant | UnsetType | None = UNSET
    filename: str | UnsetType = UNSET
    media_type: str | UnsetType = UNSET
    size: int | UnsetType = UNSET
    sha256: str | UnsetType = UNSET
    width: int | UnsetType = UNSET
    height: int | UnsetType = UNSET
    alt: dict[str, str] | UnsetType = UNSET
    title: dict[str, str] | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    author: str | UnsetType = UNSET
    copyright: str | UnsetType = UNSET
    notes: str | UnsetType = UNSET


class NodePlace(Given, frozen=True):
    """Where a node stands (null above what you see); where a link points; of what type it is."""

    parent: ToOne
    target: ToOne | UnsetType = UNSET
    item_type: ToOne | UnsetType = UNSET


class Node(Given, frozen=True, tag_field="type", tag="node"):
    """A place in the tree and what stands there."""

    id: Id
    attributes: NodeFacts
    relationships: NodePlace
    meta: Traces


def settled(
    work: Work, given: T, version: int, *, made_at: str | None = None, lessens: bool = False
) -> Answer:
    """Answer a write, once its work is committed.

    Args:
        work: what was done.
        given: the resource that was written.
        version: its version now.
        made_at: its address, if it was made.
        lessens: whether it may have taken power away, which holds on this host from now on.
    """
    body = effective(given, work.position) if lessens else One(given)
    headers = etag(version)
    if made_at is None:
        return Answer(200, body, headers)
    return Answer(201, body, {"Location": made_at, **headers})


def show_item(shown: Shown, surface: Surface, *, whole: bool = False) -> Item:
    """Describe an entry: its content, its type and its state.

    With `whole` the content is read and written anew, for answers that somebody looks into.
    """
    node = shown.node
    content: object = {}
    if shown.content is not None:
        content = msgspec.json.decode(shown.content) if whole else Raw(shown.content)
    internal = surface is not Surface.DELIVERY
    return Item(
        id=str(node.id),
        attributes=content,
        relationships=ItemPlace(
            item_type=to_one("item_type", node.content_type),
            parent=to_one("node", shown.parent),
            creator=to_one("user", node.created.user) if internal else UNSET,
        ),
        meta=ItemTraces(
            slug=node.slug,
            **_state(node, surface),
            **_traces(shown, surface),
        ),
    )


def show_node(shown: Shown, surface: Surface) -> Node:
    """Describe a node: its name, its kind and its place."""
    node = shown.node
    return Node(
        id=str(node.id),
        attributes=_facts(shown, surface),
        relationships=NodePlace(
            parent=to_one("node", shown.parent),
            target=UNSET if node.target is None else to_one("node", node.target),
            item_type=(
                UNSET if node.content_type is None else to_one("item_type", node.content_type)
            ),
        ),
        meta=Traces(**_traces(shown, surface)),
    )


def _facts(shown: Shown, surface: Surface) -> NodeFacts:
    node = shown.node
    facts = NodeFacts(kind=node.kind, slug=node.slug)
    if node.kind is Kind.ASSET and shown.content is not None:
        return msgspec.structs.replace(facts, **msgspec.json.decode(shown.content))
    if node.kind is Kind.ENTRY:
        return msgspec.structs.replace(facts, **_state(node, surface))
    return facts


def _state(node: model.Node, surface: Surface) -> dict[str, Any]:
    status = Status.PUBLISHED if surface is Surface.DELIVERY else node.status
    return {"status": status, "published_at": node.published_at}


def _traces(shown: Shown, surface: Surface) -> dict[str, Any]:
    node = shown.node
    seen = {"created_at": node.created_at, "updated_at": shown_at(shown, surface)}
    if surface is Surface.DELIVERY:
        return seen
    return {
        **seen,
        "version": node.version,
        "created_by": _text(node.created.user),
        "created_with": _text(node.created.token),
        "updated_by": _text(node.updated.user),
        "updated_with": _text(node.updated.token),
        "trashed_at": node.trashed_at,
    }


def _text(id_: UserId | TokenId | None) -> str | None:
    return None if id_ is None else str(id_)
