"""Uploading: leave to send a file, and the asset that is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.content import picture, policy, steps
from counterfoil.content.model import Asset, Node
from counterfoil.content.ticket import Ticket
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.ids import NodeId
from counterfoil.operation import ANY_CALLER, Work, operation
from counterfoil.runtime.files import Files

LIFETIME: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class File:
    """A file that was uploaded: under which id, how it is called, and what it is said to be."""

    upload: str
    filename: str
    media_type: str = ""


@operation("upload.request", requires=Scope.ASSETS_WRITE, methods=ANY_CALLER)
def request_upload(work: Work, size: int | None = None) -> Ticket:
    """Give leave to upload one file within 15 minutes, of exactly this size if one is named."""
    work.permit()
    if size is not None:
        policy.refuse_upload_size(size)
    return Ticket(
        work.caller.organization,
        work.entropy(16).hex(),
        size or 1,
        size or policy.LARGEST_UPLOAD,
        int((work.now + LIFETIME).timestamp()),
    )


@operation("asset.upload", requires=Scope.ASSETS_WRITE, methods=ANY_CALLER)
def create_uploaded_asset(
    work: Work, parent: NodeId, slug: str | None, file: File, files: Files
) -> Node:
    """Make an asset of a file that was uploaded. Its size and what it is are the file's own."""
    organization = work.caller.organization
    work.permit()
    found = files.received(organization, file.upload)
    if found is None:
        raise Invalid(
            Code.INVALID_FIELD,
            "No file has come under this id, or more than a day ago.",
            field="/data/attributes/upload",
        )
    seen = picture.look(found.head, file.media_type)
    asset = Asset(file.filename, seen.media_type, found.size, found.sha256, seen.width, seen.height)
    node = steps.put_asset(work, parent, slug, asset)
    files.adopt(organization, file.upload, found.sha256)
    return node
