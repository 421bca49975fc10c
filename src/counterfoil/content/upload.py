"""Uploading: leave to send a file, and the asset that is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

import msgspec

from counterfoil.access.scope import Scope
from counterfoil.content import picture, policy
from counterfoil.content.model import Asset, Kind, Node
from counterfoil.content.steps import finding, writing
from counterfoil.content.store import rows
from counterfoil.content.ticket import Ticket
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.ids import NodeId
from counterfoil.kernel.version import require_version
from counterfoil.operation import ANY_CALLER, Work, operation
from counterfoil.runtime.files import Depot, FullError

LIFETIME: Final = timedelta(minutes=15)
OF_FILE: Final = ("filename", "media_type", "size", "sha256", "width", "height")
"""What another file brings along of an asset's members."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that was uploaded: under which id, how it is called, and what it is said to be."""

    upload: str
    filename: str
    media_type: str = ""


@operation("upload.request", requires=Scope.ASSETS_WRITE, methods=ANY_CALLER)
def request_upload(work: Work, files: Depot, size: int | None = None) -> Ticket:
    """Give leave to upload one file within 15 minutes, of exactly this size if one is named.

    Raises:
        Conflict: UPLOAD_QUOTA_EXCEEDED, where too many uploads wait to be made assets of.
    """
    work.permit()
    if size is not None:
        policy.require_upload_size(size)
    try:
        files.require_room(work.caller.organization, size or 1)
    except FullError as full:
        raise policy.crowded(full.most) from None
    return Ticket(
        work.caller.organization,
        work.entropy(16).hex(),
        size or 1,
        size or policy.LARGEST_UPLOAD,
        int((work.now + LIFETIME).timestamp()),
    )


@operation("asset.upload", requires=Scope.ASSETS_WRITE, methods=ANY_CALLER)
def create_uploaded_asset(
    work: Work,
    parent: NodeId,
    slug: str | None,
    file: File,
    files: Depot,
    *,
    said: Mapping[str, Any] = MappingProxyType({}),
) -> Node:
    """Make an asset of a file that was uploaded. Its size and what it is are the file's own.

    What else is `said` of it goes by the members of `Asset`.
    """
    work.permit()
    asset = _described(work, file, files).told(said)
    node = writing.put_asset(work, parent, slug, asset)
    _adopt(node, file, asset, files)
    return node


@operation("asset.replace", requires=Scope.ASSETS_WRITE, methods=ANY_CALLER)
def replace_file(
    work: Work, id_: NodeId, file: File, files: Depot, expected: int | None = None
) -> Node:
    """Give an asset another file, as one more version: older versions keep theirs.

    A file that comes without a name takes over the old one's. What people say of it stays.
    """
    rows.hold_tree(work.tx, work.caller.organization)
    node = finding.standing(work, id_)
    policy.require_kind(node, Kind.ASSET)
    require_version(node.version, expected)
    old = rows.version(work.tx, node, node.draft or 0).content
    known = msgspec.json.decode(old, type=Asset)
    new = _described(work, replace(file, filename=file.filename or known.filename), files)
    asset = known.told({name: getattr(new, name) for name in OF_FILE})
    policy.require_asset(asset.filename, asset.media_type, asset.size)
    node = writing.drafted(work, node, old, msgspec.json.encode(asset))
    _adopt(node, file, asset, files)
    return node


def _adopt(node: Node, file: File, asset: Asset, files: Depot) -> None:
    """Give a file its place while the tree is held, so that no sweep takes it for an orphan."""
    try:
        files.adopt(node.organization, file.upload, asset.sha256)
    except FileNotFoundError:
        raise _missing() from None


def _missing() -> Invalid:
    return Invalid(
        Code.INVALID_FIELD,
        "No file has come under this id, or more than a day ago.",
        field="/data/attributes/upload",
    )


def _described(work: Work, file: File, files: Depot) -> Asset:
    """Return what is known of a file that was uploaded.

    Raises:
        Invalid: if none has come under this id, or too long ago.
    """
    found = files.received(work.caller.organization, file.upload)
    if found is None:
        raise _missing()
    seen = picture.look(found.head, file.media_type)
    return Asset(file.filename, seen.media_type, found.size, found.sha256, seen.width, seen.height)
