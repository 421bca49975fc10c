"""Writing what stands in the tree: the drafts of entries, and what is known of assets."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import msgspec

from counterfoil.access.scope import Scope
from counterfoil.content import policy, schema
from counterfoil.content.model import Asset, Kind, Node
from counterfoil.content.steps import finding, writing
from counterfoil.content.steps.weave import require_woven
from counterfoil.content.store import item_types, rows, versions
from counterfoil.kernel.errors import Code, Invalid, NotFound
from counterfoil.kernel.ids import ContentTypeId, NodeId
from counterfoil.kernel.version import require_version
from counterfoil.operation import ANY_CALLER, Work, operation


@operation("entry.create", requires=Scope.CONTENT_WRITE, methods=ANY_CALLER)
def create_entry(
    work: Work,
    parent: NodeId,
    content_type: ContentTypeId,
    content: Mapping[str, Any],
    slug: str | None = None,
) -> Node:
    """Make an entry with a first draft; nothing of it is on delivery yet."""
    rows.hold_tree(work.tx, work.caller.organization)
    under = finding.named_parent(work, parent)
    if slug is not None:
        policy.require_slug(slug, "/data/meta/slug")
    _require_alike(work, content_type, content, content)
    written = policy.encoded(content)
    node = writing.put(
        work,
        under,
        Kind.ENTRY,
        slug or (lambda id_: policy.own_slug(content, id_)),
        content_type=content_type,
    )
    writing.keep(work, node, written)
    return node


@operation("entry.edit", requires=Scope.CONTENT_WRITE, methods=ANY_CALLER)
def edit_entry(
    work: Work,
    id_: NodeId,
    content: Mapping[str, Any],
    *,
    whole: bool = False,
    expected: int | None = None,
    draft: int | None = None,
) -> Node:
    """Change an entry's draft: the members that are given, or with `whole` all of them.

    The caller may have looked at a version of the entry, or at a draft, whatever else has changed.
    """
    rows.hold_tree(work.tx, work.caller.organization)
    node = finding.standing(work, id_)
    policy.require_kind(node, Kind.ENTRY)
    require_version(node.version, expected)
    require_version(_number(node), draft)
    old = rows.version(work.tx, node, _number(node)).content
    new = dict(content) if whole else {**policy.decoded(old), **content}
    if node.content_type is not None:
        _require_alike(work, node.content_type, new, content)
    return writing.drafted(work, node, old, policy.encoded(new))


@operation("version.restore", requires=Scope.CONTENT_WRITE, methods=ANY_CALLER)
def restore_version(work: Work, id_: NodeId, number: int, expected: int | None = None) -> Node:
    """Write one more version of an entry that says what an older one says, if it still may."""
    rows.hold_tree(work.tx, work.caller.organization)
    node = finding.standing(work, id_)
    policy.require_kind(node, Kind.ENTRY)
    require_version(node.version, expected)
    wanted = _revision(work, node, number)
    if node.content_type is not None:
        _require_alike(work, node.content_type, policy.decoded(wanted), ())
    return writing.drafted(work, node, rows.version(work.tx, node, _number(node)).content, wanted)


@operation("asset.restore_version", requires=Scope.ASSETS_WRITE, methods=ANY_CALLER)
def restore_asset_version(
    work: Work, id_: NodeId, number: int, expected: int | None = None
) -> Node:
    """Write one more version of an asset with the file and the facts of an older one."""
    rows.hold_tree(work.tx, work.caller.organization)
    node = finding.standing(work, id_)
    policy.require_kind(node, Kind.ASSET)
    require_version(node.version, expected)
    wanted = _revision(work, node, number)
    return writing.drafted(work, node, rows.version(work.tx, node, _number(node)).content, wanted)


@operation("asset.create", requires=Scope.ASSETS_WRITE, methods=ANY_CALLER)
def create_asset(work: Work, parent: NodeId, slug: str, asset: Asset) -> Node:
    """Make an asset whose file is elsewhere: we keep what is known and said of it."""
    return writing.put_asset(work, parent, slug, asset)


@operation("asset.edit", requires=Scope.ASSETS_WRITE, methods=ANY_CALLER)
def edit_asset(
    work: Work,
    id_: NodeId,
    changes: Mapping[str, Any] | Callable[[Asset], Mapping[str, Any]],
    expected: int | None = None,
) -> Node:
    """Change what is known and what is said of an asset, by the members of `Asset`.

    What changes may depend on what is known so far.
    """
    rows.hold_tree(work.tx, work.caller.organization)
    node = finding.standing(work, id_)
    policy.require_kind(node, Kind.ASSET)
    require_version(node.version, expected)
    old = rows.version(work.tx, node, _number(node)).content
    known = msgspec.json.decode(old, type=Asset)
    new = changes(known) if callable(changes) else changes
    policy.require_facts_of_file(known, new)
    asset = known.told(new)
    policy.require_asset(asset.filename, asset.media_type, asset.size)
    writing.require_words(work, asset, new)
    return writing.drafted(work, node, old, msgspec.json.encode(asset))


def _require_alike(
    work: Work, type_: ContentTypeId, content: Mapping[str, Any], given: Collection[str]
) -> None:
    """Return if the content is as its type says, and the given members name what they may."""
    try:
        shape = item_types.content_type(work.tx, work.caller.organization, type_)
    except NotFound:
        raise Invalid(
            Code.INVALID_FIELD,
            "There is no such content type.",
            field="/data/relationships/item_type",
        ) from None
    schema.require_content(shape.body, content)
    require_woven(work, shape.body, content, given)


def _revision(work: Work, node: Node, number: int) -> bytes:
    found = versions.revision(work.tx, node, number)
    if found is None:
        raise NotFound(Code.NOT_FOUND, "It has no version of this number.")
    return found.content


def _number(node: Node) -> int:
    if node.draft is None:
        raise NotFound
    return node.draft
