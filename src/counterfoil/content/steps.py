"""Steps that several verbs share: finding a node and being permitted, and writing what was made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec

from counterfoil.access.roots import NOWHERE, Lineage
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.content import locking, policy, schema
from counterfoil.content.agenda import Schedule
from counterfoil.content.indexing import index
from counterfoil.content.latch import Thing
from counterfoil.content.model import (
    Asset,
    ContentType,
    Hand,
    Kind,
    Node,
    Revision,
    Shown,
    below,
)
from counterfoil.content.store import inside, item_types, locales, rows, schedules, seen, versions
from counterfoil.content.store.visible import Sight
from counterfoil.content.weave import woven
from counterfoil.kernel.errors import Code, Invalid, NotFound
from counterfoil.kernel.ids import ContentTypeId, NodeId, Prefix, spell
from counterfoil.operation import Work


def hand(work: Work) -> Hand:
    """Return in whose name, and by which credential, this work is done (G7)."""
    return Hand(work.caller.user, work.caller.token)


def named(work: Work, id_: NodeId) -> Node | None:
    """Return the node of this id, also a trashed one; None outside the caller's restriction too."""
    return inside.node(work.tx, work.caller.organization, work.caller.grant.limits, id_)


def standing(work: Work, id_: NodeId) -> Node:
    """Return the live node on which the caller may do this operation: see `reached`.

    Raises:
        Conflict: LOCKED, if somebody else has it to themselves (Q14).
    """
    node = reached(work, id_)
    locking.require_unlocked(work, Thing.NODE, node.id)
    return node


def reached(work: Work, id_: NodeId) -> Node:
    """Return the live node on which the caller may do this operation, be it locked or not.

    An asset asks `assets:write` besides, and a link asks that its target may be read (S28).
    """
    node = named(work, id_)
    work.permit(on=_place(node), target=spell(Prefix.NODE, id_))
    if node is None or not node.live:
        raise NotFound
    if node.kind is Kind.ASSET:
        work.caller.grant.permit(Scope.ASSETS_WRITE, node.place)
    if node.target is not None:
        readable(work, node.target)
    return node


def parent(work: Work, id_: NodeId, comes: NodeId | None = None) -> Node:
    """Return the live node under which the caller may do this operation.

    Args:
        work: whose.
        id_: the node.
        comes: what comes to stand under it, if that has an id: the trail names this.
    """
    node = named(work, id_)
    work.permit(on=_place(node), target=spell(Prefix.NODE, comes or id_))
    if node is None:
        raise NotFound
    return node


def named_parent(work: Work, id_: NodeId, comes: NodeId | None = None) -> Node:
    """Return the live node that a body names as the parent: see `parent`.

    Raises:
        Invalid: pointing at it, if the caller knows of no such node.
    """
    try:
        return parent(work, id_, comes)
    except NotFound:
        raise _no_such("parent") from None


def named_target(work: Work, id_: NodeId) -> Node:
    """Return the live node that a body names as a link's target: see `readable`.

    Raises:
        Invalid: pointing at it, if the caller knows of no such node.
    """
    try:
        return readable(work, id_)
    except NotFound:
        raise _no_such("target") from None


def _no_such(name: str) -> Invalid:
    return Invalid(
        Code.INVALID_FIELD, "There is no such node.", field=f"/data/relationships/{name}"
    )


def usual_parent(work: Work) -> NodeId:
    """Return where an entry stands that names no place: the caller's one root, or the top."""
    limits = work.caller.grant.limits
    if len(limits) == 1 and len(limits[0]) == 1:
        return next(iter(limits[0]))
    top = rows.root(work.tx, work.caller.organization)
    if top is None:
        raise NotFound
    return top.id


def readable(work: Work, id_: NodeId) -> Node:
    """Return the live node that the caller may read, to point at it."""
    node = named(work, id_)
    work.caller.grant.permit(Scope.CONTENT_READ, _place(node))
    if node is None:
        raise NotFound
    if node.kind is Kind.ASSET:
        work.caller.grant.permit(Scope.ASSETS_READ, node.place)
    return node


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
    work.permit(on=under.place, target=spell(Prefix.NODE, new.id))
    work.emit(rows.placed(new))
    return new


def put_asset(work: Work, parent_: NodeId, slug: str | None, asset: Asset) -> Node:
    """Write a new asset, which is on delivery at once; without a slug, it gets its file's name."""
    rows.hold_tree(work.tx, work.caller.organization)
    under = named_parent(work, parent_)
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


def touched(work: Work, node: Node) -> Node:
    """Return the node as changed by this work."""
    return node.touched(work.now, hand(work))


def renamed(node: Node, slug: str | None) -> Node:
    """Return the node with another slug, if one is given."""
    if slug is None:
        return node
    policy.require_slug(slug)
    return replace(node, slug=slug)


def _place(node: Node | None) -> Lineage:
    return NOWHERE if node is None else node.place


def shown(work: Work, node: Node) -> Shown:
    """Return a node that was just written, as the caller sees it.

    Who may write it but not read it learns where it stands and what it is called, and no more.
    """
    sight = Sight(work.caller.organization, work.caller.grant, Surface.MANAGEMENT)
    found = seen.one(work.tx, sight, node.id)
    return Shown(node, None) if found is None else woven(work, sight, [found])[0]


def newest(work: Work, one: Shown) -> Revision:
    """Return the newest version of what was just written, as far as the caller sees it."""
    found = versions.revision(work.tx, one.node, one.node.draft or 0)
    if found is None:
        raise NotFound
    return replace(found, content=one.content or b"{}")


def planned(work: Work, some: Sequence[Shown]) -> dict[NodeId, Schedule]:
    """Return what is scheduled for entries that the caller sees on the management surface."""
    ids = [one.node.id for one in some if one.content is not None]
    return schedules.of(work.tx, work.caller.organization, ids)
