"""Uploads in DatoCMS's contract: assets of ours, sent in the vendor's three steps.

The vendor's name for a file that was sent is a path, whose end is the file's name. Its client takes
the upload itself for an answer as gladly as a job that it would have to wait for.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Final, Literal

import msgspec

from counterfoil.content import Kind, Shown, Wish, read
from counterfoil.content.doors.assets import address
from counterfoil.content.doors.wire import node_id
from counterfoil.content.model import Asset
from counterfoil.content.read import Listing
from counterfoil.content.steps import shown, usual_parent
from counterfoil.content.upload import File, create_uploaded_asset, request_upload
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.datocms import DATOCMS
from counterfoil.jsonapi.document import document, resource
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Invalid

_PATH: Final = "/datocms/uploads"
_USUAL, _MOST = 30, 500
_SENT: Final = re.compile(r"/([0-9a-f]{32})/(.+)")
_route = partial(Route, dialect=DATOCMS, section="DatoCMS content")


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


class UploadAttributes(Body, frozen=True):
    """Which file was sent."""

    path: str


class Upload(Body, frozen=True):
    """A new upload."""

    type: Literal["upload"]
    attributes: UploadAttributes


class UploadBody(Body, frozen=True):
    """The document that makes an upload of a file."""

    data: Upload


def requested(asked: Asked) -> Answer:
    """Answer POST /datocms/upload-requests."""
    filename = asked.struct(RequestBody).data.attributes.filename
    with asked.work() as work:
        given = request_upload(work)
    attributes = {"url": address(asked, given), "request_headers": {}}
    described = resource("upload_request", f"/{given.upload}/{filename}", attributes)
    return Answer(201, document(described), position=work.position, secret=True)


def made(asked: Asked) -> Answer:
    """Answer POST /datocms/uploads."""
    sent = _SENT.fullmatch(asked.struct(UploadBody).data.attributes.path)
    if sent is None:
        raise Invalid(
            Code.INVALID_FIELD,
            "A path is the id of an upload request.",
            field="/data/attributes/path",
        )
    id_, filename = sent.groups()
    with asked.work() as work:
        file = File(id_, filename)
        node = create_uploaded_asset(work, usual_parent(work), id_, file, asked.office.files)
        body = document(_show(asked, shown(work, node)))
    return Answer(200, body, position=work.position)


def listed(asked: Asked) -> Answer:
    """Answer GET /datocms/uploads, the newest first."""
    size = asked.query.integer("page[limit]", 0, _MOST)
    listing = Listing(
        Wish(kinds=(Kind.ASSET,), descending=True),
        size=_USUAL if size is None else size,
        offset=asked.query.integer("page[offset]") or 0,
    )
    with asked.read() as work:
        found = read.list_nodes(work, listing)
    data = [_show(asked, one) for one in found.items]
    return Answer(200, document(data, {"total_count": found.total}))


def found(asked: Asked) -> Answer:
    """Answer GET /datocms/uploads/{id}."""
    with asked.read() as work:
        one = read.show_node(work, node_id(asked.params["id"]), (Kind.ASSET,))
    return Answer(200, document(_show(asked, one)))


def _show(asked: Asked, one: Shown) -> dict[str, Any]:
    """Describe an asset as an upload; of one that the caller may not read, its id alone."""
    if one.content is None:
        return resource("upload", one.node.id, {})
    asset = msgspec.json.decode(one.content, type=Asset)
    basename, _, extension = asset.filename.rpartition(".")
    base = asked.office.address or f"http://{asked.headers['host']}"
    attributes = {
        "filename": asset.filename,
        "basename": basename or asset.filename,
        "format": extension.lower() if basename else None,
        "mime_type": asset.media_type,
        "size": asset.size,
        "width": asset.width or None,
        "height": asset.height or None,
        "is_image": asset.media_type.startswith("image/"),
        "path": f"/{one.node.slug}/{asset.filename}",
        "url": f"{base}/cma/assets/{one.node.id}/file" if asset.sha256 else None,
        "created_at": one.node.created_at,
        "updated_at": one.node.updated_at,
    }
    return resource("upload", one.node.id, attributes)


ROUTES: Final = (
    _route(
        "POST",
        "/datocms/upload-requests",
        requested,
        "upload.request",
        "Ask where to send a file",
        takes=RequestBody,
        gives={201: None},
    ),
    _route("POST", _PATH, made, "asset.upload", "Make an upload of a file", takes=UploadBody),
    _route(
        "GET", _PATH, listed, "node.list", "List uploads", query=("page[limit]", "page[offset]")
    ),
    _route("GET", f"{_PATH}/{{id}}", found, "node.show", "Show an upload"),
)
