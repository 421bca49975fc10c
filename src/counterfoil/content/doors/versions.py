"""Versions over HTTP: `/cma/items/{id}/versions`, and the same of assets."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import msgspec

from counterfoil.access.surface import Surface
from counterfoil.content import history, steps, write
from counterfoil.content.doors import wire, wire_list
from counterfoil.content.history import History
from counterfoil.content.model import Kind, Revision
from counterfoil.content.store.wish import Last
from counterfoil.jsonapi.document import document, resource, to_one
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, NotFound
from counterfoil.kernel.ids import NodeId

_DIGITS: Final = 9
_PAGING: Final = ("page[size]", "page[after]")
_WORDS: Final = {Kind.ENTRY: ("items", "item"), Kind.ASSET: ("assets", "node")}
_route = partial(Route, section="Content")


def listed(kind: Kind, asked: Asked) -> Answer:
    """Answer GET /cma/items/{id}/versions, the newest first."""
    path = f"/cma/{_WORDS[kind][0]}/{asked.params['id']}/versions"
    after = wire_list.opened(asked, path)
    with asked.read() as work:
        found = history.list_versions(
            work,
            wire.node_id(asked.params["id"]),
            kind,
            size=asked.query.page().size,
            before=None if after is None else int(after.value),
        )
    data = [_show(found, each, kind) for each in found.versions]
    last = Last(found.versions[-1].number, found.shown.node.id) if found.more else None
    return Answer(200, wire_list.paged(asked, path, data, last, found.shown.node.draft))


def shown(kind: Kind, asked: Asked) -> Answer:
    """Answer GET /cma/items/{id}/versions/{n}."""
    with asked.read() as work:
        found = history.show_version(work, wire.node_id(asked.params["id"]), kind, number(asked))
    return Answer(200, document(_show(found, found.versions[0], kind)))


def restored(asked: Asked) -> Answer:
    """Answer POST /cma/items/{id}/versions/{n}/restore with the entry."""
    with asked.work() as work:
        node = write.restore_version(work, _id(asked), number(asked), asked.if_match())
        seen = steps.shown(work, node)
    described = wire.show_item(seen, Surface.MANAGEMENT, whole=True)
    return wire.settled(work, described, node.version)


def asset_restored(asked: Asked) -> Answer:
    """Answer POST /cma/assets/{id}/versions/{n}/restore with the asset."""
    with asked.work() as work:
        node = write.restore_asset_version(work, _id(asked), number(asked), asked.if_match())
        seen = steps.shown(work, node)
    return wire.settled(work, wire.show_node(seen, Surface.MANAGEMENT), node.version)


def number(asked: Asked) -> int:
    """Read the number of a version in an address.

    Raises:
        NotFound: for what is no number: no version has it.
    """
    text = asked.params["number"]
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise NotFound(Code.NOT_FOUND, "It has no version of this number.")
    return int(text)


def _show(found: History, one: Revision, kind: Kind) -> dict[str, Any]:
    node = found.shown.node
    type_ = _WORDS[kind][1]
    meta = {
        "number": one.number,
        "is_current": one.number == node.draft,
        "is_published": one.number == node.published,
        "created_at": one.made_at,
        "created_by": _text(one.made.user),
        "created_with": _text(one.made.token),
    }
    described = resource(
        f"{type_}_version", f"{node.id}-{one.number}", {}, {type_: to_one(type_, node.id)}, meta
    )
    return {**described, "attributes": msgspec.Raw(one.content)}


def _text(id_: int | None) -> str | None:
    return None if id_ is None else str(id_)


def _id(asked: Asked) -> NodeId:
    return wire.node_id(asked.params["id"])


def _of(
    kind: Kind, what: str, restore: Callable[[Asked], Answer], operation: str
) -> tuple[Route, ...]:
    base = f"/cma/{_WORDS[kind][0]}/{{id}}/versions"
    return (
        _route(
            "GET",
            base,
            partial(listed, kind),
            "version.list",
            f"List the versions of {what}",
            query=_PAGING,
        ),
        _route(
            "GET", f"{base}/{{number}}", partial(shown, kind), "version.show", f"Show one of {what}"
        ),
        _route(
            "POST",
            f"{base}/{{number}}/restore",
            restore,
            operation,
            f"Write the content of an older version of {what} anew",
        ),
    )


ROUTES: Final = (
    *_of(Kind.ENTRY, "an entry", restored, "version.restore"),
    *_of(Kind.ASSET, "an asset", asset_restored, "asset.restore_version"),
)
