"""Versions over HTTP: `/cma/items/{id}/versions`, and the same of assets."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from counterfoil.access.surface import Surface
from counterfoil.content import history, write
from counterfoil.content.doors import files, wire, wire_list, wire_show
from counterfoil.content.doors.wire_versions import ItemVersion, NodeVersion, show_version
from counterfoil.content.model import Kind
from counterfoil.content.steps import finding
from counterfoil.content.store.wish import Last
from counterfoil.jsonapi.given import One, Paged
from counterfoil.jsonapi.parameter import AFTER, SIZE, Parameter, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, NotFound
from counterfoil.kernel.ids import NodeId, Prefix

_DIGITS: Final = 9
_WORDS: Final = {Kind.ENTRY: "items", Kind.ASSET: "assets"}
_route = partial(Route, section="Content")


def listed(kind: Kind, asked: Asked) -> Answer:
    """Answer GET /cma/items/{id}/versions, the newest first."""
    path = f"/cma/{_WORDS[kind]}/{asked.params['id']}/versions"
    after = wire_list.opened(asked, path)
    with asked.read() as work:
        found = history.list_versions(
            work,
            _id(asked),
            kind,
            size=asked.query.page().size,
            before=None if after is None else int(after.value),
        )
    data = [show_version(found, each, kind) for each in found.versions]
    last = Last(found.versions[-1].number, found.shown.node.id) if found.more else None
    return Answer(200, wire_list.sealed(asked, path, data, last, found.shown.node.draft))


def shown(kind: Kind, asked: Asked) -> Answer:
    """Answer GET /cma/items/{id}/versions/{n}."""
    with asked.read() as work:
        found = history.show_version(work, _id(asked), kind, number(asked))
    return Answer(200, One(show_version(found, found.versions[0], kind)))


def restored(asked: Asked) -> Answer:
    """Answer POST /cma/items/{id}/versions/{n}/restore with the entry."""
    with asked.work() as work:
        node = write.restore_version(work, _id(asked), number(asked), asked.if_match())
        seen = finding.shown(work, node)
    described = wire_show.show_item(seen, Surface.MANAGEMENT, whole=True)
    return wire_show.settled(work, described, node.version)


def asset_restored(asked: Asked) -> Answer:
    """Answer POST /cma/assets/{id}/versions/{n}/restore with the asset."""
    with asked.work() as work:
        node = write.restore_asset_version(work, _id(asked), number(asked), asked.if_match())
        seen = finding.shown(work, node)
    return wire_show.settled(work, wire_show.show_node(seen, Surface.MANAGEMENT), node.version)


def file(asked: Asked) -> Answer:
    """Answer GET /cma/assets/{id}/versions/{n}/file."""
    with asked.read() as work:
        found = history.show_version(work, _id(asked), Kind.ASSET, number(asked))
    return files.sent(asked, found.versions[0].content)


def number(asked: Asked) -> int:
    """Read the number of a version in an address.

    Raises:
        NotFound: for what is no number: no version has it.
    """
    text = asked.params["number"]
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise NotFound(Code.NOT_FOUND, "It has no version of this number.")
    return int(text)


def _id(asked: Asked) -> NodeId:
    return wire.node_id(asked.params["id"])


_NUMBER: Final = Parameter(
    "number", "Which version.", {"type": "integer", "minimum": 1, "maximum": 10**_DIGITS - 1}, 1
)


def _of(
    kind: Kind,
    what: str,
    gives: tuple[type, type, type],
    restore: Callable[[Asked], Answer],
    operation: str,
) -> tuple[Route, ...]:
    """Return the routes of one kind; `gives` is what each of the three gives."""
    base, (page, version, whole) = f"/cma/{_WORDS[kind]}/{{id}}/versions", gives
    id_ = id_in("id", f"Of what the versions are: {what}.", Prefix.NODE)
    one = partial(_route, parts=(id_, _NUMBER))
    return (
        _route(
            "GET", base, partial(listed, kind), "version.list", f"List the versions of {what}",
            parts=(id_,), query=(SIZE, AFTER), gives={200: page},
        ),
        one(
            "GET", f"{base}/{{number}}", partial(shown, kind), "version.show",
            f"Show one version of {what}", gives={200: version},
        ),
        one(
            "POST", f"{base}/{{number}}/restore", restore, operation,
            f"Write the content of an older version of {what} anew",
            versioned=True, fails=(Code.INVALID_FIELD,),
            gives={200: whole},
        ),
    )  # fmt: skip


_ITEMS: Final = (Paged[ItemVersion], One[ItemVersion], One[wire_show.Item])
_ASSETS: Final = (Paged[NodeVersion], One[NodeVersion], One[wire_show.Node])

ROUTES: Final = (
    *_of(Kind.ENTRY, "an entry", _ITEMS, restored, "version.restore"),
    *_of(Kind.ASSET, "an asset", _ASSETS, asset_restored, "asset.restore_version"),
    _route(
        "GET",
        "/cma/assets/{id}/versions/{number}/file",
        file,
        "version.show",
        "Download the file of an older version of an asset, or a range of it",
        gives={200: bytes, 206: bytes, 304: None},
        parts=(id_in("id", "The asset.", Prefix.NODE), _NUMBER),
        media="*/*",
    ),
)
