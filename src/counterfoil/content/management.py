"""Entries over HTTP, as those see them who write: `/cma/items`."""

from __future__ import annotations

from typing import Final

from msgspec import UNSET

from counterfoil.access.surface import Surface
from counterfoil.content import publish, read, steps, tree, wire, wire_list, write
from counterfoil.content.model import Kind, Node
from counterfoil.content.wire import ItemBody, NewItemBody
from counterfoil.jsonapi.document import document, etag
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.ids import NodeId, Prefix
from counterfoil.operation import Office, Work

_PATH: Final = "/cma/items"
_SECTION: Final = "Content"
_ENTRIES: Final = (Kind.ENTRY,)


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/items."""
    office: Office = asked.office
    listing = wire_list.read_listing(asked, _PATH, _ENTRIES)
    with office.read(asked.caller, asked.origin) as work:
        found = read.list_nodes(work, listing)
    shown = wire_list.show_found(asked, _PATH, found, Surface.MANAGEMENT, items=True)
    return Answer(200, shown)


def shown(asked: Asked) -> Answer:
    """Answer GET /cma/items/{id}."""
    office: Office = asked.office
    with office.read(asked.caller, asked.origin) as work:
        found = read.show_node(work, _id(asked), _ENTRIES)
    described = wire.show_item(found, Surface.MANAGEMENT)
    return Answer(200, document(described), etag(found.node.version))


def made(asked: Asked) -> Answer:
    """Answer POST /cma/items."""
    office: Office = asked.office
    data = asked.struct(NewItemBody).data
    slug = None if data.meta.slug is UNSET else data.meta.slug
    with office.work(asked.caller, asked.origin) as work:
        node = write.create_entry(
            work,
            wire.node_id(data.relationships.parent.data.id),
            wire.content_type_id(data.relationships.item_type.data.id),
            data.attributes,
            slug,
        )
        answer = _answer(work, node, status=201)
    return steps.placed_at(answer, work, f"{_PATH}/{node.id}")


def changed(asked: Asked) -> Answer:
    """Answer PATCH /cma/items/{id}: the members that are given."""
    return _changed(asked, whole=False)


def replaced(asked: Asked) -> Answer:
    """Answer PUT /cma/items/{id}: the whole content, if any is given."""
    return _changed(asked, whole=True)


def published(asked: Asked) -> Answer:
    """Answer PUT /cma/items/{id}/publish."""
    office: Office = asked.office
    with office.work(asked.caller, asked.origin) as work:
        answer = _answer(work, publish.publish(work, _id(asked), asked.if_match()))
    return steps.placed_at(answer, work)


def unpublished(asked: Asked) -> Answer:
    """Answer PUT /cma/items/{id}/unpublish."""
    office: Office = asked.office
    with office.work(asked.caller, asked.origin) as work:
        answer = _answer(work, publish.unpublish(work, _id(asked), asked.if_match()))
    return steps.placed_at(answer, work)


def trashed(asked: Asked) -> Answer:
    """Answer DELETE /cma/items/{id}."""
    office: Office = asked.office
    with office.work(asked.caller, asked.origin) as work:
        answer = _answer(work, tree.trash(work, _id(asked), asked.if_match(), Kind.ENTRY))
    return steps.placed_at(answer, work, lessens=True)
