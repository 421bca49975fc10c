"""Writing what was made: nodes and their versions, assets, content types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec

from counterfoil.content import policy, schema
from counterfoil.content.model import (
    Asset,
    ContentType,
    Hand,
    Kind,
    Node,
    below,
)
from counterfoil.content.news import EntryTurned
from counterfoil.content.steps import finding
from counterfoil.content.steps.indexing import index
from counterfoil.content.store import item_types, locales, rows, subtree
from counterfoil.feed.event import NodeRemoved
from counterfoil.kernel.ids import ContentTypeId, NodeId, Prefix, spell
from counterfoil.operation import Work


def hand(work: Work) -> Hand:
    """Return in whose name, and by which credential, this work is done (G7)."""
    return Hand(work.caller.user, work.caller.token)


def put(
    work: Work,
    under: Node,
    kind: Kind,
    slug: str | Callable[[NodeId], str],
    *,
    target: NodeId | None = None,
    content_type: ContentTypeId | None = None,
) -> Node:
    """Write a new node under one on which the caller was permitted, and say where it stands."""
    policy.require_parent(under)

    def made() -> Node:
        id_ = NodeId(work.new_id())
        return Node(
            organization=under.organization,
            id=id_,
            parent=under.id,
            kind=kind,
            slug=slug if isinstance(slug, str) else slug(id_),
            path=below(under.path, id_),
            created_at=work.now,
            created=hand(work),
            updated_at=work.now,
            updated=hand(work),
            target=target,
            content_type=content_type,
            draft=1 if kind in {Kind.ENTRY, Kind.ASSET} else None,
            published=1 if kind is Kind.ASSET else None,
        )

    new = rows.add(work.tx, made)
    work.permit(on=under.place)
    work.aims_at(spell(Prefix.NODE, new.id))
    work.emit(rows.placed(new))
    return new


def put_asset(work: Work, parent_: NodeId, slug: str | None, asset: Asset) -> Node:
    """Write a new asset, which is on delivery at once; without a slug, it gets its file's name."""
    rows.hold_tree(work.tx, work.caller.organization)
    under = finding.named_parent(work, parent_)
    if slug is not None:
        policy.require_slug(slug)
    policy.require_asset(asset.filename, asset.media_type, asset.size)
    require_words(work, asset, msgspec.structs.asdict(asset))
    own = partial(policy.file_slug, asset.filename)
    node = put(work, under, Kind.ASSET, own if slug is None else slug)
    keep(work, node, msgspec.json.encode(asset))
    return node


def require_words(work: Work, asset: Asset, new: Mapping[str, Any]) -> None:
    """Return if this may be said of a file, in the languages of this organization."""
    policy.require_words(asset, new, locales.locales(work.tx, work.caller.organization))


def define(
    work: Work,
    id_: ContentTypeId,
    api_key: str,
    *,
    name: str,
    schema_id: str,
    body: Mapping[str, Any],
) -> ContentType:
    """Write a new content type, if it may be one."""
    policy.require_api_key(api_key)
    policy.require_name(name)
    policy.require_schema_id(schema_id)
    new = ContentType(
        organization=work.caller.organization,
        id=id_,
        api_key=api_key,
        name=name,
        schema_id=schema_id,
        body=schema.read_schema(body, schema_id),
        version=1,
        created_at=work.now,
        updated_at=work.now,
    )
    rows.hold_tree(work.tx, work.caller.organization)
    item_types.add(work.tx, new)
    return new


def keep(work: Work, node: Node, content: bytes) -> None:
    """Write the node's draft, with the position of this very write (S29)."""
    file = msgspec.json.decode(content, type=Asset).sha256 if node.kind is Kind.ASSET else ""
    rows.keep_version(
        work.tx, node, content, work.head(), at=work.now, by=hand(work), sha256=file or None
    )
    work.stamp(partial(rows.stamp_version, work.tx, node))
    index(work, node, content, published=False)


def drafted(work: Work, node: Node, old: bytes, new: bytes) -> Node:
    """Write one more version, unless it says what the last one says."""
    if new == old:
        return node
    drafted = touched(work, node.drafted())
    rows.save(work.tx, drafted)
    keep(work, drafted, new)
    return drafted


def deliver(work: Work, node: Node, draft: bytes) -> Node:
    """Put a node's draft on delivery, which says this."""
    published = touched(work, node.with_draft_published(work.now))
    rows.save(work.tx, published)
    index(work, published, draft, published=True)
    work.announce(EntryTurned(node.organization, node.id, published=True))
    return published


def sink(work: Work, node: Node) -> Node:
    """Put a node and all that stands under it into the trash."""
    trashed = replace(touched(work, node), trashed_at=work.now, live=False)
    rows.save(work.tx, trashed)
    subtree.sink(work.tx, node.organization, node.path)
    work.emit(NodeRemoved(organization=node.organization, node=node.id))
    return trashed


def touched(work: Work, node: Node) -> Node:
    """Return the node as changed by this work."""
    return node.touched(work.now, hand(work))


def renamed(node: Node, slug: str | None) -> Node:
    """Return the node with another slug, if one is given."""
    if slug is None:
        return node
    policy.require_slug(slug)
    return replace(node, slug=slug)
