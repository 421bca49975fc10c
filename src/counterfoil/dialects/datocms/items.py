"""Records in DatoCMS's contract: entries of ours, which need no place in the tree when they come.

Its client sends of a record only what changes, takes 200 for every write, and reads drafts and what
is published at one address, by `version`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from msgspec import UNSET, UnsetType

from counterfoil.content import Kind, Node, Shown, publish, read, unpublish
from counterfoil.content.doors.wire import content_type_id, node_id
from counterfoil.content.steps.finding import planned, shown, usual_parent
from counterfoil.content.tree import trash
from counterfoil.content.write import create_entry, edit_entry
from counterfoil.dialects.datocms.query import LIST, NESTED, VERSION, published_wanted, read_listing
from counterfoil.dialects.datocms.wire import (
    NEW_RECORD,
    RECORD,
    RecordBody,
    Records,
    RecordsCounted,
    RecordShown,
    show_record,
    version_in,
)
from counterfoil.jsonapi.body import require_same_id
from counterfoil.jsonapi.datocms import DATOCMS
from counterfoil.jsonapi.given import One
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.ids import NodeId, Prefix
from counterfoil.operation import Work

_PATH: Final = "/datocms/items"
_ONE: Final = "/datocms/items/{id}"
_route = partial(Route, dialect=DATOCMS, section="DatoCMS content")


def listed(asked: Asked) -> Answer:
    """Answer GET /datocms/items."""
    listing, published = read_listing(asked), published_wanted(asked)
    with asked.read() as work:
        found = read.list_nodes(work, listing, published=published)
        plans = {} if published else planned(work, found.items)
    data = [show_record(one, plans.get(one.node.id)) for one in found.items]
    return Answer(200, Records(data=data, meta=RecordsCounted(total_count=found.total)))


def found(asked: Asked) -> Answer:
    """Answer GET /datocms/items/{id}."""
    published = published_wanted(asked)
    with asked.read() as work:
        seen = read.show_node(work, _id(asked), (Kind.ENTRY,), published=published)
        record = show_record(seen) if published else described(work, seen)
    return Answer(200, One(record))


def made(asked: Asked) -> Answer:
    """Answer POST /datocms/items."""
    data = asked.struct(RecordBody).data
    if isinstance(data.relationships.item_type, UnsetType):
        raise Invalid(
            Code.INVALID_FIELD, "A record has a model.", field="/data/relationships/item_type"
        )
    if data.id is not UNSET:
        raise Invalid(Code.INVALID_FIELD, "Ids are given by the office.", field="/data/id")
    parent = data.relationships.parent
    with asked.work() as work:
        node = create_entry(
            work,
            usual_parent(work) if isinstance(parent, UnsetType) else node_id(parent.data.id),
            content_type_id(data.relationships.item_type.data.id),
            data.attributes,
        )
        body = One(described(work, shown(work, node)))
    return Answer(200, body)


def changed(asked: Asked) -> Answer:
    """Answer PUT /datocms/items/{id}: the fields that are given."""
    data = asked.struct(RecordBody).data
    require_same_id(data.id, Prefix.NODE, _id(asked))
    draft = _draft(data.meta.current_version, _id(asked))
    return _done(asked, lambda work, id_: edit_entry(work, id_, data.attributes, draft=draft))


def _draft(current: str | UnsetType, id_: NodeId) -> int | None:
    """Return which draft of this record was looked at; None if any will do."""
    if isinstance(current, UnsetType):
        return None
    looked_at = version_in(current)
    if looked_at is None or looked_at[0] != id_:
        raise Invalid(
            Code.INVALID_FIELD,
            "This is no version of the record.",
            field="/data/meta/current_version",
        )
    return looked_at[1]


def published(asked: Asked) -> Answer:
    """Answer PUT /datocms/items/{id}/publish."""
    return _done(asked, publish)


def unpublished(asked: Asked) -> Answer:
    """Answer PUT /datocms/items/{id}/unpublish."""
    return _done(asked, unpublish)


def destroyed(asked: Asked) -> Answer:
    """Answer DELETE /datocms/items/{id} with the record, which is in the trash."""
    return _done(asked, lambda work, id_: trash(work, id_, None, Kind.ENTRY))


def _done(asked: Asked, verb: Callable[[Work, NodeId], Node]) -> Answer:
    with asked.work() as work:
        body = One(described(work, shown(work, verb(work, _id(asked)))))
    return Answer(200, body)


def described(work: Work, one: Shown) -> RecordShown:
    """Describe a record as editors see it: with what is planned for it."""
    return show_record(one, planned(work, [one]).get(one.node.id))


def _id(asked: Asked) -> NodeId:
    return node_id(asked.params["id"])


_one = partial(
    _route, parts=(id_in("id", "The record.", Prefix.NODE),), gives={200: One[RecordShown]}
)

ROUTES: Final = (
    _route(
        "GET",
        _PATH,
        listed,
        "node.list",
        "List records",
        gives={200: Records},
        query=LIST,
    ),
    _route(
        "POST",
        _PATH,
        made,
        "entry.create",
        "Make a record",
        gives={200: One[RecordShown]},
        takes=RecordBody,
        example=NEW_RECORD,
        idempotent=True,
        fails=(Code.NAME_TAKEN, Code.NOT_FOUND),
    ),
    _one(
        "GET",
        _ONE,
        found,
        "node.show",
        "Show a record",
        query=(VERSION, NESTED),
    ),
    _one(
        "PUT",
        _ONE,
        changed,
        "entry.edit",
        "Change a record",
        takes=RecordBody,
        example=RECORD,
        fails=(Code.NAME_TAKEN,),
    ),
    _one("DELETE", _ONE, destroyed, "node.trash", "Destroy a record"),
    _one(
        "PUT",
        f"{_ONE}/publish",
        published,
        "entry.publish",
        "Publish a record",
        fails=(Code.INVALID_FIELD,),
    ),
    _one("PUT", f"{_ONE}/unpublish", unpublished, "entry.unpublish", "Unpublish a record"),
)
