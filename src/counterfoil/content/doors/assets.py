"""Files over HTTP, as those send them who make assets of them.

Three steps: ask for an address, PUT the file there, and make an asset of it. The address carries
the authority of the first step, as that of an object store does: a browser or a tool may send the
file without being shown a token. It opens nothing but its one upload, whose file nobody sees
before the third step.
"""

from __future__ import annotations

from functools import partial
from typing import Final, Literal

from msgspec import UNSET, UnsetType, field

from counterfoil.access.surface import Surface
from counterfoil.content import policy, ticket, upload
from counterfoil.content.doors import wire
from counterfoil.content.doors.examples import NEW_ASSET, NEW_FILE, NEW_UPLOAD
from counterfoil.content.doors.wire import ToNode
from counterfoil.content.doors.wire_show import Node, settled, show_node
from counterfoil.content.steps import finding
from counterfoil.content.ticket import Ticket
from counterfoil.content.upload import File
from counterfoil.jsonapi.body import Body, require_same_id
from counterfoil.jsonapi.given import Given, Instant, One
from counterfoil.jsonapi.parameter import Parameter, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.clock import instant
from counterfoil.kernel.errors import Code, Conflict, Malformed, Unserved
from counterfoil.kernel.ids import Prefix
from counterfoil.runtime.files import FullError, ShortError

_UPLOADS: Final = "/cma/uploads"
_MICRO: Final = 1_000_000
_route = partial(Route, section="Content")


class NewUploadAttributes(Body, frozen=True):
    """What is known of the file that will come: its size in bytes."""

    size: int | UnsetType = UNSET


class NewUpload(Body, frozen=True):
    """The wish to upload a file."""

    type: Literal["upload_request"]
    attributes: NewUploadAttributes = field(default_factory=NewUploadAttributes)


class NewUploadBody(Body, frozen=True):
    """The document that asks for an upload."""

    data: NewUpload


class NewAssetAttributes(Body, frozen=True):
    """A file that was uploaded, and how it shall be called."""

    upload: str
    filename: str
    slug: str | UnsetType = UNSET
    media_type: str = ""


class NewAssetRelationships(Body, frozen=True):
    """Where a new asset stands."""

    parent: ToNode


class NewAsset(Body, frozen=True):
    """A new asset."""

    type: Literal["node"]
    attributes: NewAssetAttributes
    relationships: NewAssetRelationships


class NewAssetBody(Body, frozen=True):
    """The document that makes an asset of an upload."""

    data: NewAsset


class NewFileAttributes(Body, frozen=True):
    """A file that was uploaded, and how it shall be called, if otherwise than the one before."""

    upload: str
    filename: str | UnsetType = UNSET
    media_type: str = ""


class NewFile(Body, frozen=True):
    """Another file for an asset."""

    type: Literal["node"]
    attributes: NewFileAttributes
    id: str | UnsetType = UNSET


class NewFileBody(Body, frozen=True):
    """The document that gives an asset another file."""

    data: NewFile


class UploadFacts(Given, frozen=True):
    """Where to PUT the file, with which headers, until when, and how many bytes at most."""

    url: str
    request_headers: dict[str, str]
    expires_at: Instant
    largest: int


class UploadRequest(Given, frozen=True, tag_field="type", tag="upload_request"):
    """An upload that may come; its id makes an asset of it."""

    id: str
    attributes: UploadFacts


def requested(asked: Asked) -> Answer:
    """Answer POST /cma/upload_requests."""
    size = asked.struct(NewUploadBody).data.attributes.size
    with asked.work() as work:
        given = upload.request_upload(work, asked.office.files, None if size is UNSET else size)
    facts = UploadFacts(
        url=address(asked, given),
        request_headers={},
        expires_at=instant(given.expires * _MICRO),
        largest=given.largest,
    )
    body = One(UploadRequest(id=str(given.upload), attributes=facts))
    return Answer(201, body, secret=True, again="")


def address(asked: Asked, given: Ticket) -> str:
    """Return where an upload is put: under the address at which we are reached."""
    base = asked.office.address or f"http://{asked.headers['host']}"
    return f"{base}{_UPLOADS}/{ticket.seal(asked.office.files.key, given)}"


def received(asked: Asked) -> Answer:
    """Answer PUT /cma/uploads/{ticket}."""
    files = asked.office.files
    now = asked.office.clock().timestamp()
    given = ticket.unseal(files.key, asked.params["ticket"], now)
    if files.is_received(given.organization, given.upload):
        raise _taken()
    try:
        files.receive(given.organization, given.upload, asked.pieces(given.largest), given.least)
    except FileExistsError:
        raise _taken() from None
    except FullError as full:
        raise policy.crowded(full.most) from None
    except ShortError:
        detail = f"A file of at least {given.least} bytes was to come."
        raise Malformed(Code.INVALID_REQUEST, detail) from None
    except OSError:
        raise Unserved(Code.NOT_READY, "The file cannot be kept now.") from None
    return Answer(204)


def made(asked: Asked) -> Answer:
    """Answer POST /cma/assets."""
    data = asked.struct(NewAssetBody).data
    said = data.attributes
    with asked.work() as work:
        node = upload.create_uploaded_asset(
            work,
            wire.node_id(data.relationships.parent.data.id),
            None if said.slug is UNSET else said.slug,
            File(said.upload, said.filename, said.media_type),
            asked.office.files,
        )
        seen = finding.shown(work, node)
    described = show_node(seen, Surface.MANAGEMENT)
    return settled(work, described, node.version, made_at=f"/cma/nodes/{node.id}")


def replaced(asked: Asked) -> Answer:
    """Answer PUT /cma/assets/{id}/file."""
    data = asked.struct(NewFileBody).data
    require_same_id(data.id, Prefix.NODE, wire.node_id(asked.params["id"]))
    said = data.attributes
    name = "" if said.filename is UNSET else said.filename
    with asked.work() as work:
        node = upload.replace_file(
            work,
            wire.node_id(asked.params["id"]),
            File(said.upload, name, said.media_type),
            asked.office.files,
            asked.if_match(),
        )
        seen = finding.shown(work, node)
    return settled(work, show_node(seen, Surface.MANAGEMENT), node.version)


def _taken() -> Conflict:
    return Conflict(Code.CONFLICT, "This upload has its file already: ask for another one.")


ROUTES: Final = (
    _route(
        "POST",
        "/cma/upload_requests",
        requested,
        "upload.request",
        "Get an address to upload a file to",
        gives={201: One[UploadRequest]},
        takes=NewUploadBody,
        example=NEW_UPLOAD,
        idempotent=True,
        fails=(Code.UPLOAD_QUOTA_EXCEEDED,),
    ),
    _route(
        "PUT",
        f"{_UPLOADS}/{{ticket}}",
        received,
        "",
        "Upload a file; the address itself is the authority",
        gives={204: None},
        parts=(Parameter("ticket", "What an upload request gave."),),
        fails=(Code.CONFLICT, Code.UPLOAD_QUOTA_EXCEEDED),
        open=True,
        streams=True,
    ),
    _route(
        "POST",
        "/cma/assets",
        made,
        "asset.upload",
        "Make an asset of an uploaded file",
        gives={201: One[Node]},
        takes=NewAssetBody,
        example=NEW_ASSET,
        idempotent=True,
        fails=(Code.NAME_TAKEN, Code.NOT_FOUND),
    ),
    _route(
        "PUT",
        "/cma/assets/{id}/file",
        replaced,
        "asset.replace",
        "Give an asset another file, as a new version",
        gives={200: One[Node]},
        takes=NewFileBody,
        example=NEW_FILE,
        parts=(id_in("id", "The asset.", Prefix.NODE),),
        versioned=True,
    ),
)
