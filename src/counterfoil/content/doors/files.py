"""The files of assets over HTTP, on each surface: a file is seen by whoever sees its asset there.

A browser is told to save a file and to run nothing of it (S37). Its tag is its digest, so that what
somebody holds under it is what we would send.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final
from urllib.parse import quote

import msgspec

from counterfoil.content import picture, read
from counterfoil.content.doors import wire
from counterfoil.content.model import Asset, Kind, Shown
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.ranges import is_held, wanted
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.jsonapi.watched import Watched
from counterfoil.kernel.errors import Code, NotFound, Unserved
from counterfoil.kernel.ids import NodeId, Prefix
from counterfoil.operation import Work

_SANDBOX: Final = "default-src 'none'; sandbox"
_NAMED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ._-()")


def file(show: Callable[[Work, NodeId, tuple[Kind, ...]], Shown], asked: Asked) -> Answer:
    """Answer GET …/assets/{id}/file."""
    with asked.read() as work:
        found = show(work, wire.node_id(asked.params["id"]), (Kind.ASSET,))
    return sent(asked, found.content or b"")


def sent(asked: Asked, content: bytes) -> Answer:
    """Answer with the file that a version of an asset names, or the part of it that is wanted.

    Raises:
        NotFound: if it names none.
    """
    asset = msgspec.json.decode(content, type=Asset)
    if not asset.sha256:
        raise NotFound(Code.NOT_FOUND, "This asset is known by its facts alone: it has no file.")
    tag = f'"{asset.sha256}"'
    headers = _headers(asset, tag)
    if is_held(asked.headers, tag):
        return Answer(304, headers=headers)
    part = wanted(asked.headers, tag, asset.size)
    start, length = (part.start, part.length) if part else (0, asset.size)
    try:
        flow = asked.office.files.flow(asked.caller.organization, asset.sha256, start, length)
    except OSError:
        raise Unserved(Code.NOT_READY, "The file cannot be read now.") from None
    headers["Content-Length"] = str(length)
    if part:
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{asset.size}"
    watched = Watched(flow, asked.office, asked.caller)
    return Answer(206 if part else 200, headers=headers, stream=watched)


def disposition(filename: str) -> str:
    """Return the header that makes a browser save a file under its name (RFC 6266)."""
    plain = "".join(char if char in _NAMED else "_" for char in filename)
    said = f'attachment; filename="{plain}"'
    return said if plain == filename else f"{said}; filename*=UTF-8''{quote(filename, safe='')}"


def _headers(asset: Asset, tag: str) -> dict[str, str]:
    known = asset.media_type in picture.INERT
    return {
        "Content-Type": asset.media_type if known else picture.OPAQUE,
        "Content-Disposition": disposition(asset.filename),
        "Content-Security-Policy": _SANDBOX,
        "Accept-Ranges": "bytes",
        "ETag": tag,
    }


def _route(
    base: str,
    show: Callable[[Work, NodeId, tuple[Kind, ...]], Shown],
    operation: str,
    section: str,
) -> Route:
    return Route(
        "GET",
        f"{base}/assets/{{id}}/file",
        partial(file, show),
        operation,
        "Download the file of an asset, or a range of it",
        gives={200: bytes, 206: bytes, 304: None},
        parts=(id_in("id", "The asset.", Prefix.NODE),),
        section=section,
        media="*/*",
    )


ROUTES: Final = (
    _route("/cma", read.show_node, "node.show", "Content"),
    _route("/cda", read.show_published, "delivery.show", "Delivery"),
    _route("/cda/preview", read.show_draft, "preview.show", "Preview"),
)
