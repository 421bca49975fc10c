"""Uploads in DatoCMS's contract: assets of ours, sent in the vendor's three steps.

The vendor's name for a file that was sent is a path, whose end is the file's name. Its client takes
the upload itself for an answer as gladly as a job that it would have to wait for.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from counterfoil.content import Kind, Shown, Wish, read
from counterfoil.content.doors.assets import address
from counterfoil.content.doors.wire import node_id
from counterfoil.content.read import Listing
from counterfoil.content.steps import shown, usual_parent
from counterfoil.content.upload import File, create_uploaded_asset, request_upload
from counterfoil.dialects.datocms.wire_uploads import (
    NEW_REQUEST,
    NEW_UPLOAD,
    RequestBody,
    Sending,
    SendingFacts,
    UploadBody,
    Uploads,
    UploadsCounted,
    UploadShown,
    show_upload,
)
from counterfoil.jsonapi.datocms import DATOCMS
from counterfoil.jsonapi.given import One
from counterfoil.jsonapi.parameter import OFFSET, Parameter, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.ids import Prefix

_PATH: Final = "/datocms/uploads"
_USUAL, _MOST = 30, 500
_SENT: Final = re.compile(r"/([0-9a-f]{32})/(.+)")
_route = partial(Route, dialect=DATOCMS, section="DatoCMS content")


def requested(asked: Asked) -> Answer:
    """Answer POST /datocms/upload-requests."""
    filename = asked.struct(RequestBody).data.attributes.filename
    with asked.work() as work:
        given = request_upload(work)
    facts = SendingFacts(url=address(asked, given), request_headers={})
    body = One(Sending(id=f"/{given.upload}/{filename}", attributes=facts))
    return Answer(201, body, position=work.position, secret=True)


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
        body = One(_show(asked, shown(work, node)))
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
    return Answer(200, Uploads(data=data, meta=UploadsCounted(total_count=found.total)))


def found(asked: Asked) -> Answer:
    """Answer GET /datocms/uploads/{id}."""
    with asked.read() as work:
        one = read.show_node(work, node_id(asked.params["id"]), (Kind.ASSET,))
    return Answer(200, One(_show(asked, one)))


def _show(asked: Asked, one: Shown) -> UploadShown:
    return show_upload(one, asked.office.address or f"http://{asked.headers['host']}")


_LIMIT: Final = Parameter(
    "page[limit]",
    f"How many a page holds; {_USUAL} if it is left out.",
    {"type": "integer", "minimum": 0, "maximum": _MOST},
    20,
)

ROUTES: Final = (
    _route(
        "POST",
        "/datocms/upload-requests",
        requested,
        "upload.request",
        "Ask where to send a file",
        takes=RequestBody,
        example=NEW_REQUEST,
        gives={201: One[Sending]},
    ),
    _route(
        "POST",
        _PATH,
        made,
        "asset.upload",
        "Make an upload of a file",
        takes=UploadBody,
        example=NEW_UPLOAD,
        gives={200: One[UploadShown]},
    ),
    _route(
        "GET", _PATH, listed, "node.list", "List uploads", query=(_LIMIT, OFFSET),
        gives={200: Uploads},
    ),
    _route(
        "GET", f"{_PATH}/{{id}}", found, "node.show", "Show an upload",
        parts=(id_in("id", "The upload.", Prefix.NODE),), gives={200: One[UploadShown]},
    ),
)  # fmt: skip
