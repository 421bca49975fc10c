"""Uploads as DatoCMS's client writes and reads them."""

from __future__ import annotations

from typing import Final, Literal

import msgspec
from msgspec import UNSET, UnsetType, field

from counterfoil.content import Shown
from counterfoil.content.model import Asset
from counterfoil.dialects.datocms.wire_words import Words, WordsShown, show_words
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.given import Given, Id, Instant
from counterfoil.jsonapi.parameter import SAMPLE


class RequestAttributes(Body, frozen=True):
    """How the file is called that will be sent."""

    filename: str


class Request(Body, frozen=True):
    """The wish to send a file."""

    type: Literal["upload_request"]
    attributes: RequestAttributes


class RequestBody(Body, frozen=True):
    """The document that asks where to send a file."""

    data: Request


class UploadAttributes(Words, frozen=True):
    """Which file was sent."""

    path: str


class Upload(Body, frozen=True):
    """A new upload."""

    type: Literal["upload"]
    attributes: UploadAttributes


class UploadBody(Body, frozen=True):
    """The document that makes an upload of a file."""

    data: Upload


class ChangedAttributes(Words, frozen=True):
    """What becomes of an upload: another file, which was sent, or another name without its end."""

    path: str | UnsetType = UNSET
    basename: str | UnsetType = UNSET


class Changed(Body, frozen=True):
    """An upload with what changes."""

    type: Literal["upload"]
    attributes: ChangedAttributes = field(default_factory=ChangedAttributes)
    id: str | UnsetType = UNSET


class ChangedBody(Body, frozen=True):
    """The document that changes an upload."""

    data: Changed


NEW_REQUEST: Final = {
    "data": {"type": "upload_request", "attributes": {"filename": "hello.txt"}},
}
NEW_UPLOAD: Final = {
    "data": {
        "type": "upload",
        "attributes": {"path": "/0123456789abcdef0123456789abcdef/hello.txt"},
    }
}


UPLOAD: Final = {
    "data": {
        "type": "upload",
        "id": SAMPLE,
        "attributes": {
            "basename": "logo",
            "author": "Ann",
            "tags": ["brand"],
            "default_field_metadata": {"alt": {"en": "Our logo"}},
        },
    }
}


class SendingFacts(Given, frozen=True):
    """Where to PUT the file, and with which headers."""

    url: str
    request_headers: dict[str, str]


class Sending(Given, frozen=True, tag_field="type", tag="upload_request"):
    """A file that may be sent; its id is the path that makes an upload of it."""

    id: str
    attributes: SendingFacts


class SentFacts(WordsShown, frozen=True):
    """The file of an upload."""

    filename: str
    basename: str
    format: str | None
    mime_type: str
    size: int
    width: int | None
    height: int | None
    is_image: bool
    path: str
    url: str | None
    created_at: Instant
    updated_at: Instant


class UploadShown(Given, frozen=True, tag_field="type", tag="upload"):
    """An upload."""

    id: Id
    attributes: SentFacts | UnsetType = UNSET


class UploadsCounted(Given, frozen=True):
    """How many uploads there are on all pages together."""

    total_count: int | None


class Uploads(Given, frozen=True):
    """Uploads, and how many there are on all pages together."""

    data: list[UploadShown]
    meta: UploadsCounted


def show_upload(one: Shown, base: str) -> UploadShown:
    """Describe an asset as an upload; of one that the caller may not read, its id alone.

    Args:
        one: the asset.
        base: the address at which its file is served.
    """
    if one.content is None:
        return UploadShown(id=str(one.node.id))
    asset = msgspec.json.decode(one.content, type=Asset)
    basename, _, extension = asset.filename.rpartition(".")
    facts = SentFacts(
        filename=asset.filename,
        basename=basename or asset.filename,
        format=extension.lower() if basename else None,
        mime_type=asset.media_type,
        size=asset.size,
        width=asset.width or None,
        height=asset.height or None,
        is_image=asset.media_type.startswith("image/"),
        path=f"/{one.node.slug}/{asset.filename}",
        url=f"{base}/cma/assets/{one.node.id}/file" if asset.sha256 else None,
        created_at=one.node.created_at,
        updated_at=one.node.updated_at,
        **show_words(asset),
    )
    return UploadShown(id=str(one.node.id), attributes=facts)
