"""Records in DatoCMS's contract: entries of ours, which need no place in the tree when they come.

Its client sends of a record only what changes, takes 200 for every write, and reads drafts and what
is published at one address, by `version`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final, Literal

from msgspec import UNSET, UnsetType, field

from counterfoil.content import Kind, Node, Wish, publish, read, unpublish
from counterfoil.content.doors.wire import ToItemType, ToNode, content_type_id, node_id
from counterfoil.content.read import Listing
from counterfoil.content.steps import shown, usual_parent
from counterfoil.content.tree import trash
from counterfoil.content.write import create_entry, edit_entry
from counterfoil.dialects.datocms.wire import ORDERS, show_record
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.datocms import DATOCMS
from counterfoil.jsonapi.document import document
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Invalid, Malformed
from counterfoil.kernel.ids import NodeId
from counterfoil.operation import Work

_PATH: Final = "/datocms/items"
_ONE: Final = "/datocms/items/{id}"
_USUAL, _MOST = 30, 500
_route = partial(Route, dialect=DATOCMS, section="DatoCMS content")


class Relationships(Body, frozen=True):
    """The model of a record and, a word of ours, the node that it stands under."""

    item_type: ToItemType | UnsetType = UNSET
    parent: ToNode | UnsetType = UNSET
    creator: dict[str, Any] | UnsetType = UNSET


class Meta(Body, frozen=True):
    """Which version was looked at, to change no other."""

    current_version: str | UnsetType = UNSET


class Record(Body, frozen=True):
    """A record that comes in; its attributes are its fields."""

    type: Literal["item"]
    id: str | UnsetType = UNSET
    attributes: dict[str, Any] = field(default_factory=dict)
    relationships: Relationships = field(default_factory=Relationships)
    meta: Meta = field(default_factory=Meta)


class RecordBody(Body, frozen=True):
    """The document that makes or changes a record."""

    data: Record


def listed(asked: Asked) -> Answer:
    """Answer GET /datocms/items."""
    query = asked.query
    order, descending = _order(query.text("order_by"))
    size = query.integer("page[limit]", 0, _MOST)
    wish = Wish(
        kinds=(Kind.ENTRY,),
        content_type=query.text("filter[type]"),
        order=order,
        descending=descending,
    )
    offset = query.integer("page[offset]") or 0
    listing = Listing(wish, size=_USUAL if size is None else size, offset=offset)
    with asked.read() as work:
        find = read.list_published if _published(asked) else read.list_nodes
        found = find(work, listing)
    data = [show_record(one) for one in found.items]
    return Answer(200, document(data, {"total_count": found.total}))


def found(asked: Asked) -> Answer:
    """Answer GET /datocms/items/{id}."""
    with asked.read() as work:
        show = read.show_published if _published(asked) else read.show_node
        return Answer(200, document(show_record(show(work, _id(asked), (Kind.ENTRY,)))))


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
        body = document(show_record(shown(work, node)))
    return Answer(200, body, position=work.position)


def changed(asked: Asked) -> Answer:
    """Answer PUT /datocms/items/{id}: the fields that are given."""
    data = asked.struct(RecordBody).data
    if data.id not in {UNSET, asked.params["id"]}:
        raise Invalid(Code.INVALID_FIELD, "The address names another record.", field="/data/id")
    expected = data.meta.current_version
    if expected is not UNSET and not (expected.isascii() and expected.isdigit()):
        raise Invalid(
            Code.INVALID_FIELD, "A version is a number.", field="/data/meta/current_version"
        )
    seen = None if expected is UNSET else int(expected[:18])
    return _done(asked, lambda work, id_: edit_entry(work, id_, data.attributes, expected=seen))


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
        body = document(show_record(shown(work, verb(work, _id(asked)))))
    return Answer(200, body, position=work.position)


def _id(asked: Asked) -> NodeId:
    return node_id(asked.params["id"])


def _published(asked: Asked) -> bool:
    """Say whether `version` asks for what is published rather than for drafts."""
    version = asked.query.text("version") or "current"
    if version not in {"current", "published", "latest"}:
        raise Malformed(
            detail="The version is current or published.", meta={"parameter": "version"}
        )
    return version == "published"


def _order(asked: str | None) -> tuple[Any, bool]:
    if asked is None:
        return ORDERS["_created_at"], False
    name, _, way = asked.rpartition("_")
    if name not in ORDERS or way not in {"ASC", "DESC"}:
        raise Malformed(
            detail=f"Records are ordered by {', '.join(ORDERS)}, _ASC or _DESC.",
            meta={"parameter": "order_by"},
        )
    return ORDERS[name], way == "DESC"


_LIST: Final = ("filter[type]", "version", "order_by", "nested", "page[limit]", "page[offset]")

ROUTES: Final = (
    _route("GET", _PATH, listed, "node.list", "List records", query=_LIST, also=("delivery.list",)),
    _route("POST", _PATH, made, "entry.create", "Make a record", takes=RecordBody),
    _route(
        "GET",
        _ONE,
        found,
        "node.show",
        "Show a record",
        query=("version", "nested"),
        also=("delivery.show",),
    ),
    _route("PUT", _ONE, changed, "entry.edit", "Change a record", takes=RecordBody),
    _route("DELETE", _ONE, destroyed, "node.trash", "Destroy a record"),
    _route("PUT", f"{_ONE}/publish", published, "entry.publish", "Publish a record"),
    _route("PUT", f"{_ONE}/unpublish", unpublished, "entry.unpublish", "Unpublish a record"),
)
