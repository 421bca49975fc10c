"""What people say of an upload, as DatoCMS's client writes and reads it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from msgspec import UNSET, UnsetType

from counterfoil.content.model import Asset
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.given import Given
from counterfoil.kernel.errors import Code, Invalid

_METADATA: Final = "/data/attributes/default_field_metadata"
_NOT_KEPT: Final = ("custom_data", "focal_point", "poster_time")


class Metadata(Body, frozen=True):
    """What is said of an asset in each locale. What is left out stays, and null takes it away.

    The vendor's other members are null here: nothing of ours would do what they ask.
    """

    alt: dict[str, str | None] | UnsetType = UNSET
    title: dict[str, str | None] | UnsetType = UNSET
    custom_data: dict[str, Any] | UnsetType = UNSET
    focal_point: dict[str, Any] | UnsetType | None = UNSET
    poster_time: float | UnsetType | None = UNSET


class Words(Body, frozen=True, kw_only=True):
    """What people say of an upload; null is as good as nothing said."""

    author: str | UnsetType | None = UNSET
    copyright: str | UnsetType | None = UNSET
    notes: str | UnsetType | None = UNSET
    tags: list[str] | UnsetType = UNSET
    default_field_metadata: Metadata | UnsetType = UNSET


class MetadataShown(Given, frozen=True):
    """What is said of an asset in each locale."""

    alt: dict[str, str]
    title: dict[str, str]
    custom_data: dict[str, Any]
    focal_point: None
    poster_time: None


class WordsShown(Given, frozen=True):
    """What people say of an upload; smart tags are none's here."""

    author: str | None
    copyright: str | None
    notes: str | None
    tags: list[str]
    smart_tags: list[str]
    default_field_metadata: MetadataShown


def words_of(said: Words) -> dict[str, Any]:
    """Return what is said of an upload, by the members of `Asset`.

    Raises:
        Invalid: pointing at what we would not keep.
    """
    given = {name: getattr(said, name) for name in ("author", "copyright", "notes")}
    words = {name: text or "" for name, text in given.items() if text is not UNSET}
    words |= {} if said.tags is UNSET else {"tags": said.tags}
    metadata = said.default_field_metadata
    if isinstance(metadata, UnsetType):
        return words
    for name in _NOT_KEPT:
        if getattr(metadata, name):
            raise Invalid(
                Code.INVALID_FIELD,
                "This is not kept here: of an asset's metadata, alt and title are.",
                field=f"{_METADATA}/{name}",
            )
    texts = {"alt": metadata.alt, "title": metadata.title}
    return {**words, **{name: text for name, text in texts.items() if text is not UNSET}}


def show_words(asset: Asset) -> dict[str, Any]:
    """Return the members of `WordsShown`."""
    return {
        "author": asset.author or None,
        "copyright": asset.copyright or None,
        "notes": asset.notes or None,
        "tags": asset.tags,
        "smart_tags": [],
        "default_field_metadata": MetadataShown(
            alt=asset.alt, title=asset.title, custom_data={}, focal_point=None, poster_time=None
        ),
    }


@contextmanager
def called() -> Iterator[None]:
    """Point at what is wrong by the vendor's name for it."""
    try:
        yield
    except Invalid as wrong:
        name = (wrong.field or "").split("/")[3:]
        if name and name[0] in {"alt", "title"}:
            wrong.field = f"{_METADATA}/{'/'.join(name)}"
        elif name == ["filename"]:
            wrong.field = "/data/attributes/basename"
        raise
