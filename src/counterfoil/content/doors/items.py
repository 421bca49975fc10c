"""Entries over HTTP, as those see them who write: `/cma/items`."""

from __future__ import annotations

from functools import partial
from typing import Final

from msgspec import UNSET

from counterfoil.access.surface import Surface
from counterfoil.content import read, tree, write
from counterfoil.content.doors import wire, wire_list, wire_show
from counterfoil.content.doors.examples import ITEM, NEW_ITEM
from counterfoil.content.doors.wire import ItemBody, NewItemBody
from counterfoil.content.doors.wire_show import Item
from counterfoil.content.model import Kind, Shown
from counterfoil.content.publish import publish, unpublish
from counterfoil.content.steps import finding
from counterfoil.jsonapi.body import require_same_id
from counterfoil.jsonapi.given import One, Paged, etag
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import NodeId, Prefix
from counterfoil.operation import Work

_PATH: Final = "/cma/items"
_route = partial(Route, section="Content")
_ENTRIES: Final = (Kind.ENTRY,)


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/items."""
    listing = wire_list.read_listing(asked, _PATH, _ENTRIES)
    with asked.read() as work:
        found = read.list_nodes(work, listing)
    data = [wire_show.show_item(one, Surface.MANAGEMENT) for one in found.items]
    return Answer(200, wire_list.show_found(asked, _PATH, found, data))


def shown(asked: Asked) -> Answer:
    """Answer GET /cma/items/{id}."""
    with asked.read() as work:
        found = read.show_node(work, _id(asked), _ENTRIES)
    described = wire_show.show_item(found, Surface.MANAGEMENT)
    return Answer(200, One(described), etag(found.node.version))


def made(asked: Asked) -> Answer:
    """Answer POST /cma/items."""
    data = asked.struct(NewItemBody).data
    with asked.work() as work:
        node = write.create_entry(
            work,
            wire.node_id(data.relationships.parent.data.id),
            wire.content_type_id(data.relationships.item_type.data.id),
            data.attributes,
            None if data.meta.slug is UNSET else data.meta.slug,
        )
        seen = finding.shown(work, node)
    return _settled(work, seen, made_at=f"{_PATH}/{node.id}")


def changed(asked: Asked) -> Answer:
    """Answer PATCH /cma/items/{id}: the members that are given."""
    return _changed(asked, whole=False)


def replaced(asked: Asked) -> Answer:
    """Answer PUT /cma/items/{id}: the whole content, if any is given."""
    return _changed(asked, whole=True)


def published(asked: Asked) -> Answer:
    """Answer PUT /cma/items/{id}/publish."""
    with asked.work() as work:
        seen = finding.shown(work, publish(work, _id(asked), asked.if_match()))
    return _settled(work, seen)


def unpublished(asked: Asked) -> Answer:
    """Answer PUT /cma/items/{id}/unpublish."""
    with asked.work() as work:
        seen = finding.shown(work, unpublish(work, _id(asked), asked.if_match()))
    return _settled(work, seen)


def trashed(asked: Asked) -> Answer:
    """Answer DELETE /cma/items/{id}."""
    with asked.work() as work:
        seen = finding.shown(work, tree.trash(work, _id(asked), asked.if_match(), Kind.ENTRY))
    return _settled(work, seen, lessens=True)


def _changed(asked: Asked, *, whole: bool) -> Answer:
    """Move, rename and edit, as far as the body says, in one work."""
    data = asked.struct(ItemBody).data
    require_same_id(data.id, Prefix.NODE, _id(asked))
    id_, expected = _id(asked), asked.if_match()
    parent, slug = data.relationships.parent, data.meta.slug
    renamed = None if slug is UNSET else slug
    with asked.work() as work:
        if parent is not UNSET:
            to = wire.node_id(parent.data.id)
            expected = _next(expected, tree.move(work, id_, to, renamed, expected).version)
        elif renamed is not None:
            expected = _next(expected, tree.rename(work, id_, renamed, expected).version)
        content = {} if data.attributes is UNSET else data.attributes
        node = write.edit_entry(
            work,
            id_,
            content,
            whole=whole and data.attributes is not UNSET,
            expected=expected,
        )
        seen = finding.shown(work, node)
    return _settled(work, seen, lessens=parent is not UNSET)


def _next(expected: int | None, version: int) -> int | None:
    """Return the version that the next verb of the same work finds."""
    return None if expected is None else version


def _settled(
    work: Work, seen: Shown, *, made_at: str | None = None, lessens: bool = False
) -> Answer:
    described = wire_show.show_item(seen, Surface.MANAGEMENT, whole=True)
    return wire_show.settled(work, described, seen.node.version, made_at=made_at, lessens=lessens)


def _id(asked: Asked) -> NodeId:
    return wire.node_id(asked.params["id"])


_one = partial(_route, parts=(id_in("id", "The entry.", Prefix.NODE),), gives={200: One[Item]})
_changing = partial(_one, versioned=True)

ROUTES: Final = (
    _route(
        "GET",
        _PATH,
        listed,
        "node.list",
        "List entries with their drafts",
        gives={200: Paged[Item]},
        query=wire_list.ITEM_QUERY,
        fails=(Code.NOT_FOUND,),
    ),
    _route(
        "POST",
        _PATH,
        made,
        "entry.create",
        "Make an entry",
        gives={201: One[Item]},
        takes=NewItemBody,
        example=NEW_ITEM,
        idempotent=True,
        fails=(Code.NAME_TAKEN, Code.NOT_FOUND),
    ),
    _one("GET", "/cma/items/{id}", shown, "node.show", "Show an entry"),
    _changing(
        "PATCH",
        "/cma/items/{id}",
        changed,
        "entry.edit",
        "Change members of an entry, its slug or its place",
        takes=ItemBody,
        example=ITEM,
        fails=(Code.NAME_TAKEN,),
    ),
    _changing(
        "PUT",
        "/cma/items/{id}",
        replaced,
        "entry.edit",
        "Replace the content of an entry",
        takes=ItemBody,
        example=ITEM,
        fails=(Code.NAME_TAKEN,),
    ),
    _changing("DELETE", "/cma/items/{id}", trashed, "node.trash", "Put an entry into the trash"),
    _changing(
        "PUT",
        "/cma/items/{id}/publish",
        published,
        "entry.publish",
        "Put an entry's draft on delivery",
        fails=(Code.INVALID_FIELD,),
    ),
    _changing(
        "PUT",
        "/cma/items/{id}/unpublish",
        unpublished,
        "entry.unpublish",
        "Take an entry off delivery",
    ),
)
