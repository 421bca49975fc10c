"""What stands in the content tree: nodes, their versions, and the types that shape entries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec

from counterfoil.access.roots import NOWHERE, Lineage
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import (
    ContentTypeId,
    NodeId,
    OrganizationId,
    Prefix,
    TokenId,
    UserId,
    read,
)

SEPARATOR: Final = "/"


class Kind(StrEnum):
    """What a node is. Roots, folders and entries may have children; assets and links have none."""

    ROOT = "root"
    FOLDER = "folder"
    ENTRY = "entry"
    ASSET = "asset"
    LINK = "link"


class Status(StrEnum):
    """How an entry's draft stands to what is published of it."""

    DRAFT = "draft"
    UPDATED = "updated"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Hand:
    """Who did it: the user in whose name, and the credential with which (G7)."""

    user: UserId | None
    token: TokenId | None


@dataclass(frozen=True, slots=True)
class Node:
    """A place in an organization's tree and what stands there.

    Attributes:
        path: the ids from the tree's root down to this node, `/1/2/3/`.
        live: whether neither it nor an ancestor is in the trash.
        trashed_at: when it was put into the trash itself.
        draft: the number of its newest version; None for what has no content.
        published: the number of the version on delivery; None if it is not there.
        version: counts its changes, for `If-Match`.
    """

    organization: OrganizationId
    id: NodeId
    parent: NodeId | None
    kind: Kind
    slug: str
    path: str
    created_at: datetime
    created: Hand
    updated_at: datetime
    updated: Hand
    target: NodeId | None = None
    content_type: ContentTypeId | None = None
    draft: int | None = None
    published: int | None = None
    published_at: datetime | None = None
    trashed_at: datetime | None = None
    live: bool = True
    version: int = 1

    @property
    def place(self) -> Lineage:
        """Where it stands: its own id and its ancestors', and nowhere while it is trashed."""
        return ids_of(self.path) if self.live else NOWHERE

    @property
    def depth(self) -> int:
        """How many nodes stand above it."""
        return self.path.count(SEPARATOR) - 2

    @property
    def status(self) -> Status:
        """How its draft stands to what is published."""
        if self.published is None:
            return Status.DRAFT
        return Status.PUBLISHED if self.published == self.draft else Status.UPDATED

    def touched(self, now: datetime, by: Hand) -> Node:
        """Return it changed now, by this hand."""
        return replace(self, updated_at=now, updated=by, version=self.version + 1)

    def drafted(self) -> Node:
        """Return it with one more version; an asset's is on delivery at once."""
        number = (self.draft or 0) + 1
        published = number if self.kind is Kind.ASSET else self.published
        return replace(self, draft=number, published=published)

    def with_draft_published(self, now: datetime) -> Node:
        """Return it with its draft on delivery."""
        return replace(self, published=self.draft, published_at=now)

    def unpublished(self) -> Node:
        """Return it gone from delivery."""
        return replace(self, published=None, published_at=None)


@dataclass(frozen=True, slots=True)
class Version:
    """One state of an entry or asset: JSON as it goes out, and the feed's position at its write."""

    number: int
    content: bytes
    position: int


@dataclass(frozen=True, slots=True)
class Revision:
    """A version as its history shows it: what it said, when it was written and by whom."""

    number: int
    content: bytes
    position: int
    made_at: datetime
    made: Hand


class Asset(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a file: its name, media type, and size in bytes.

    If we hold the file itself, `sha256` is its digest in hex. `width` and `height` are a picture's,
    in pixels. The rest is what people say of it: `alt` and `title` in each locale.
    """

    filename: str
    media_type: str
    size: int
    sha256: str = ""
    width: int = 0
    height: int = 0
    alt: dict[str, str] = {}
    title: dict[str, str] = {}
    tags: list[str] = []
    author: str = ""
    copyright: str = ""
    notes: str = ""

    def told(self, changes: Mapping[str, Any]) -> Asset:
        """Return it with these changes: in each locale by itself, where null takes a text away."""
        new = dict(changes)
        for name in ("alt", "title"):
            if name in new:
                texts = {**getattr(self, name), **new[name]}
                new[name] = {code: text for code, text in texts.items() if text is not None}
        return msgspec.structs.replace(self, **new)


@dataclass(frozen=True, slots=True)
class Shown:
    """A node as one caller may see it on one surface.

    `parent` is None above what the caller may see (S32); `content` is the JSON of the version that
    belongs to the surface, or None for a node that has none. If it `refers`, its content may name
    nodes that the caller does not see, and is not shown as it is.
    """

    node: Node
    parent: NodeId | None
    content: bytes | None = None
    position: int | None = None
    refers: bool = False


@dataclass(frozen=True, slots=True)
class ContentType:
    """A JSON Schema (2020-12) that entries of this type are held to.

    `body` is the schema as JSON; `schema_id` the URI by which it is known outside.
    """

    organization: OrganizationId
    id: ContentTypeId
    api_key: str
    name: str
    schema_id: str
    body: bytes
    version: int
    created_at: datetime
    updated_at: datetime


def type_named(name: str) -> int | str:
    """Return the id or the api_key that a content type is named by; 0 for digits that are no id."""
    if not name.isdecimal():
        return name
    try:
        return read(Prefix.CONTENT_TYPE, name)
    except NotFound:
        return 0


def ids_of(path: str) -> Lineage:
    """Return the ids that a materialised path names."""
    return frozenset(NodeId(int(part)) for part in path.split(SEPARATOR) if part)


def below(path: str, id_: NodeId) -> str:
    """Return the path of a node that stands directly under this one."""
    return f"{path}{id_}{SEPARATOR}"


def end_of(path: str) -> str:
    """Return the first string after all that begin with this path: `0` follows `/`."""
    return path[:-1] + chr(ord(SEPARATOR) + 1)
