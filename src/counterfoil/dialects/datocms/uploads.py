"""Uploads in DatoCMS's contract: assets of ours, sent in the vendor's three steps.

The vendor's name for a file that was sent is a path, whose end is the file's name. Its client takes
the upload itself for an answer as gladly as a job that it would have to wait for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from msgspec import UNSET

from counterfoil.content import Kind, Node, Shown, Wish, read
from counterfoil.content.doors.assets import address
from counterfoil.content.doors.wire import node_id
from counterfoil.content.model import Asset
from counterfoil.content.read import Listing
from counterfoil.content.steps.finding import shown, usual_parent
from counterfoil.content.tree import trash
from counterfoil.content.upload import (
    File,
    create_uploaded_asset,
    replace_file,
    request_upload,
)
from counterfoil.content.write import edit_asset
from counterfoil.dialects.datocms.query import LIMIT, offset_in, size_in
from counterfoil.dialects.datocms.wire_uploads import (
    NEW_REQUEST,
    NEW_UPLOAD,
    UPLOAD,
    ChangedAttributes,
    ChangedBody,
    RequestBody,
    Sending,
    SendingFacts,
    UploadBody,
    Uploads,
    UploadsCounted,
    UploadShown,
    show_upload,
)
from counterfoil.dialects.datocms.wire_words import called, words_of
from counterfoil.jsonapi.datocms import DATOCMS
from counterfoil.jsonapi.given import One
from counterfoil.jsonapi.parameter import OFFSET, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.ids import Prefix

_PATH: Final = "/datocms/uploads"
_SENT: Final = re.compile(r"/([0-9a-f]{32})/(.+)")
_route = partial(Route, dialect=DATOCMS, section="DatoCMS content")


def requested(asked: Asked) -> Answer:
    """Answer POST /datocms/upload-requests."""
    filename = asked.struct(RequestBody).data.attributes.filename
    with asked.work() as work:
        given = request_upload(work, asked.office.files)
    facts = SendingFacts(url=address(asked, given), request_headers={})
    body = One(Sending(id=f"/{given.upload}/{filename}", attributes=facts))
    return Answer(201, body, secret=True, again="")


def made(asked: Asked) -> Answer:
    """Answer POST /datocms/uploads."""
    said, files = asked.struct(UploadBody).data.attributes, asked.office.files
    file, words = _sent(said.path), words_of(said)
    with asked.work() as work, called():
        under = usual_parent(work)
        node = create_uploaded_asset(work, under, file.upload, file, files, said=words)
        body = One(_show(asked, shown(work, node)))
    return Answer(200, body)


def changed(asked: Asked) -> Answer:
    """Answer PUT /datocms/uploads/{id}: another file, another name, or what is said of it."""
    data = asked.struct(ChangedBody).data
    if data.id not in {UNSET, asked.params["id"]}:
        raise Invalid(Code.INVALID_FIELD, "The address names another upload.", field="/data/id")
    id_, said = node_id(asked.params["id"]), data.attributes
    words = words_of(said)
    with asked.work() as work, called():
        node: Node | None = None
        if said.path is not UNSET:
            node = replace_file(work, id_, _sent(said.path), asked.office.files)
        if said.basename is not UNSET or words or node is None:
            node = edit_asset(work, id_, _changed(said, words))
        body = One(_show(asked, shown(work, node)))
    return Answer(200, body)


def destroyed(asked: Asked) -> Answer:
    """Answer DELETE /datocms/uploads/{id} with the upload, which is in the trash."""
    with asked.work() as work:
        node = trash(work, node_id(asked.params["id"]), None, Kind.ASSET)
        body = One(_show(asked, shown(work, node)))
    return Answer(200, body)


def _changed(said: ChangedAttributes, words: dict[str, Any]) -> Callable[[Asset], dict[str, Any]]:
    """Return what changes of an asset's facts: its name keeps its end."""

    def changed(asset: Asset) -> dict[str, Any]:
        if said.basename is UNSET:
            return words
        _, dot, end = asset.filename.rpartition(".")
        return {**words, "filename": f"{said.basename}{dot}{end}" if dot else said.basename}

    return changed


def _sent(path: str) -> File:
    """Return the file that the vendor's path of an upload names."""
    sent = _SENT.fullmatch(path)
    if sent is None:
        raise Invalid(
            Code.INVALID_FIELD,
            "A path is the id of an upload request.",
            field="/data/attributes/path",
        )
    return File(*sent.groups())


def listed(asked: Asked) -> Answer:
    """Answer GET /datocms/uploads, the newest first."""
    wish, query = Wish(kinds=(Kind.ASSET,), descending=True), asked.query
    listing = Listing(wish, size=size_in(query), offset=offset_in(query))
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


ROUTES: Final = (
    _route(
        "POST",
        "/datocms/upload-requests",
        requested,
        "upload.request",
        "Ask where to send a file",
        takes=RequestBody,
        example=NEW_REQUEST,
        idempotent=True,
        gives={201: One[Sending]},
        fails=(Code.UPLOAD_QUOTA_EXCEEDED,),
    ),
    _route(
        "POST",
        _PATH,
        made,
        "asset.upload",
        "Make an upload of a file",
        takes=UploadBody,
        example=NEW_UPLOAD,
        idempotent=True,
        gives={200: One[UploadShown]},
    fails=(Code.NAME_TAKEN, Code.NOT_FOUND)),
    _route(
        "GET", _PATH, listed, "node.list", "List uploads", query=(LIMIT, OFFSET),
        gives={200: Uploads},
    ),
    _route(
        "GET", f"{_PATH}/{{id}}", found, "node.show", "Show an upload",
        parts=(id_in("id", "The upload.", Prefix.NODE),), gives={200: One[UploadShown]},
    ),
    _route(
        "PUT", f"{_PATH}/{{id}}", changed, "asset.edit", "Change an upload",
        parts=(id_in("id", "The upload.", Prefix.NODE),), gives={200: One[UploadShown]},
        takes=ChangedBody, example=UPLOAD, also=("asset.replace",),
    ),
    _route(
        "DELETE", f"{_PATH}/{{id}}", destroyed, "node.trash", "Destroy an upload",
        parts=(id_in("id", "The upload.", Prefix.NODE),), gives={200: One[UploadShown]},
    ),
)  # fmt: skip
