"""The rules of the tree and of content. They look and raise; they change nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from counterfoil.content.agenda import Turn
from counterfoil.content.model import Asset, Kind, Node
from counterfoil.kernel.errors import Code, Conflict, Invalid, pointer
from counterfoil.kernel.ids import NodeId
from counterfoil.kernel.text import is_name

SLUG: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
API_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
URI: Final = re.compile(r"[a-z][a-z0-9+.-]{0,31}:[!$%-;=?-Z_a-z~]{1,460}")
DEEPEST: Final = 64
LARGEST_CONTENT: Final = 256 * 1024
LARGEST_UPLOAD: Final = 100 * 1024 * 1024
WIPED_AT_ONCE: Final = 500
"""So many nodes are destroyed in one transaction, for which other writers wait."""

NAME_CHARS: Final = 120
LOCALE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
MOST_LOCALES: Final = 100
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,60}")
_FILE_CHARS: Final = 255
_LARGEST_FILE: Final = 2**53 - 1
_WORDS_CHARS: Final = 2_000
_MOST_TAGS: Final = 100
_TAG_CHARS: Final = 100
_PARENT: Final = "/data/relationships/parent"
_PARENTS: Final = frozenset({Kind.ROOT, Kind.FOLDER, Kind.ENTRY})


def require_slug(slug: str, field: str = "/data/attributes/slug") -> None:
    """Return if this may be the name of a node beside its siblings."""
    if SLUG.fullmatch(slug) is None:
        raise Invalid(
            Code.INVALID_FIELD,
            "A slug is 1 to 120 of the characters A-Z a-z 0-9 . _ - and begins with a letter or "
            "digit.",
            field=field,
        )


def require_parent(parent: Node, depth: int = 1) -> None:
    """Return if something of this depth may be put under the parent."""
    if parent.kind not in _PARENTS:
        raise Invalid(
            Code.INVALID_FIELD, f"Nothing stands under a node of kind {parent.kind}.", field=_PARENT
        )
    if parent.depth + depth > DEEPEST:
        raise Invalid(
            Code.INVALID_FIELD, f"The tree is {DEEPEST} levels deep at most.", field=_PARENT
        )


def require_no_loop(moving: Node, to: Node) -> None:
    """Return if a node may move under another: not under itself."""
    if moving.id in to.place:
        raise Invalid(Code.INVALID_FIELD, "A node cannot stand under itself.", field=_PARENT)


def require_below_top(node: Node) -> None:
    """Return if the node is not the root of the tree, which stays as it is."""
    if node.kind is Kind.ROOT:
        raise Invalid(Code.INVALID_FIELD, "The root of the tree stays as it is.", field="/data/id")


def require_target(target: Node) -> None:
    """Return if a link may point there: at a place and not at a link."""
    if target.kind is Kind.LINK:
        raise Invalid(
            Code.INVALID_FIELD,
            "A link points at a node that is not a link.",
            field="/data/relationships/target",
        )


def require_kind(node: Node, wanted: Kind) -> None:
    """Return if the node is of the kind that this is done to."""
    if node.kind is not wanted:
        raise Conflict(
            Code.CONFLICT, f"This is done to a node of kind {wanted}; it is {node.kind}."
        )


def require_times(
    publish_at: datetime | None,
    unpublish_at: datetime | None,
    now: datetime,
    only: Turn | None = None,
) -> None:
    """Return if an entry may be scheduled so: in time to come, and published before unpublished.

    With `only`, nothing but this turn is new.
    """
    at = "/data/attributes"
    if publish_at is None and unpublish_at is None:
        raise Invalid(
            Code.INVALID_FIELD, "Say when it shall be published or unpublished.", field=at
        )
    for turn, time in ((Turn.PUBLISH, publish_at), (Turn.UNPUBLISH, unpublish_at)):
        if time is not None and time <= now and only in {None, turn}:
            raise Invalid(Code.INVALID_FIELD, "It lies in the past.", field=f"{at}/{turn}_at")
    if publish_at is not None and unpublish_at is not None and unpublish_at <= publish_at:
        raise Invalid(
            Code.INVALID_FIELD,
            "It is taken off delivery before it goes there.",
            field=f"{at}/{only or Turn.UNPUBLISH}_at",
        )


def encoded(content: Mapping[str, Any]) -> bytes:
    """Return content as the JSON that is kept and sent.

    Raises:
        Invalid: if it is larger than 256 KiB.
    """
    written = msgspec.json.encode(content)
    if len(written) > LARGEST_CONTENT:
        raise Invalid(
            Code.INVALID_FIELD, "The content is larger than 256 KiB.", field="/data/attributes"
        )
    return written


def plain(content: Mapping[str, Any]) -> bytes:
    """Return content that was kept once as JSON."""
    return msgspec.json.encode(content)


def decoded(content: bytes) -> dict[str, Any]:
    """Return what was kept as JSON."""
    return msgspec.json.decode(content, type=dict[str, Any])


def require_locales(codes: Sequence[str]) -> None:
    """Return if content may be written in these languages.

    Raises:
        Invalid: pointing at the first that is none, or is there twice.
    """
    for place, code in enumerate(codes):
        if LOCALE.fullmatch(code) is None or code in codes[:place]:
            raise Invalid(
                Code.INVALID_FIELD,
                "A locale reads like en or pt-BR, and stands here once.",
                field=f"/data/attributes/codes/{place}",
            )
    if not 0 < len(codes) <= MOST_LOCALES:
        raise Invalid(
            Code.INVALID_FIELD,
            f"An organization has 1 to {MOST_LOCALES} locales.",
            field="/data/attributes/codes",
        )


def require_api_key(api_key: str) -> None:
    """Return if a content type may be called this by programs."""
    if API_KEY.fullmatch(api_key) is None:
        raise Invalid(
            Code.INVALID_FIELD,
            "An api_key is 1 to 64 of the characters a-z 0-9 _ and begins with a letter.",
            field="/data/attributes/api_key",
        )


def require_name(name: str) -> None:
    """Return if a content type may be called this by people."""
    if not 0 < len(name.strip()) <= len(name) <= NAME_CHARS or not is_name(name):
        raise Invalid(
            Code.INVALID_FIELD,
            "A name is 1 to 120 printable characters.",
            field="/data/attributes/name",
        )


def require_schema_id(schema_id: str) -> None:
    """Return if a schema may be known by this URI."""
    if URI.fullmatch(schema_id) is None:
        raise Invalid(
            Code.INVALID_FIELD,
            "A schema_id is an absolute URI of at most 500 characters.",
            field="/data/attributes/schema_id",
        )


def require_asset(filename: str, media_type: str, size: int) -> None:
    """Return if these may describe a file."""
    fits = 0 < len(filename) <= _FILE_CHARS and "/" not in filename and is_name(filename)
    if not fits or filename in {".", ".."}:
        raise Invalid(
            Code.INVALID_FIELD,
            "A file name is 1 to 255 printable characters without a slash, and neither . nor ..",
            field="/data/attributes/filename",
        )
    if _MEDIA_TYPE.fullmatch(media_type) is None:
        raise Invalid(
            Code.INVALID_FIELD,
            "A media type reads like image/png.",
            field="/data/attributes/media_type",
        )
    if not 0 <= size <= _LARGEST_FILE:
        raise Invalid(
            Code.INVALID_FIELD,
            "A size is a number of bytes from 0 to 2**53 - 1.",
            field="/data/attributes/size",
        )


def require_words(asset: Asset, new: Mapping[str, Any], locales: Sequence[str]) -> None:
    """Return if this may be said of a file; `new` is what was not said of it before."""
    at = "/data/attributes"
    for name in ("alt", "title"):
        for code in new.get(name, ()):
            if code not in locales:
                wrong = f"The locales here are {', '.join(locales)}."
                raise Invalid(Code.INVALID_FIELD, wrong, field=at + pointer(name, code))
            _require_short(getattr(asset, name).get(code, ""), at + pointer(name, code))
    for name in ("author", "copyright", "notes"):
        _require_short(getattr(asset, name), f"{at}/{name}")
    tags = asset.tags
    fit = all(tag.strip() == tag and 0 < len(tag) <= _TAG_CHARS for tag in tags)
    if not fit or len(set(tags)) < len(tags) or len(tags) > _MOST_TAGS:
        raise Invalid(
            Code.INVALID_FIELD,
            f"An asset has up to {_MOST_TAGS} different tags of 1 to {_TAG_CHARS} characters.",
            field=f"{at}/tags",
        )


def _require_short(text: str, field: str) -> None:
    if len(text) > _WORDS_CHARS:
        wrong = f"This is longer than {_WORDS_CHARS} characters."
        raise Invalid(Code.INVALID_FIELD, wrong, field=field)


def require_facts_of_file(asset: Asset, changes: Mapping[str, Any]) -> None:
    """Return if these may be changed of an asset: what its file says of itself stays."""
    fixed = sorted(changes.keys() & {"media_type", "size"}) if asset.sha256 else ()
    if fixed:
        raise Invalid(
            Code.INVALID_FIELD,
            f"The {fixed[0]} of an asset is that of its file.",
            field=f"/data/attributes/{fixed[0]}",
        )


def crowded(most: int) -> Conflict:
    """The answer to an upload for which there is no room."""
    return Conflict(
        Code.UPLOAD_QUOTA_EXCEEDED,
        "Too many uploads wait: make assets of them, or let them go after a day.",
        meta={"limit": most},
    )


def require_upload_size(size: int) -> None:
    """Return if a file of so many bytes may be uploaded."""
    if not 0 < size <= LARGEST_UPLOAD:
        raise Invalid(
            Code.INVALID_FIELD,
            f"A file has 1 to {LARGEST_UPLOAD} bytes.",
            field="/data/attributes/size",
        )


def file_slug(filename: str, id_: NodeId) -> str:
    """Return a slug for a file that was given none: its name, or its id where that is none."""
    return filename if SLUG.fullmatch(filename) else str(id_)


def own_slug(content: Mapping[str, Any], id_: NodeId) -> str:
    """Return a slug for an entry that was given none: from what it says, or from its id.

    It ends in the id, so that no sibling has it, unless the content names its slug itself.
    """
    named = content.get("slug")
    if isinstance(named, str) and SLUG.fullmatch(named):
        return named
    for field in ("title", "name"):
        said = content.get(field)
        if isinstance(said, str):
            words = re.findall(r"[a-z0-9]+", said[:200].lower())
            if words:
                return f"{'-'.join(words)[:80].rstrip('-')}-{id_}"
    return str(id_)
