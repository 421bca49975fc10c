"""Content types over HTTP: `/cma/item-types`, and their schemas for export."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from msgspec import UNSET

from counterfoil.content import define_type
from counterfoil.content.doors import wire, wire_list, wire_show
from counterfoil.content.doors.examples import ITEM_TYPE, NEW_ITEM_TYPE
from counterfoil.content.doors.wire_types import (
    ContentTypeSchema,
    ItemType,
    ItemTypeBody,
    NewItemTypeBody,
    show_schema,
    show_type,
)
from counterfoil.content.model import ContentType
from counterfoil.content.store.wish import Last
from counterfoil.jsonapi.body import require_same_id
from counterfoil.jsonapi.given import One, Paged, etag
from counterfoil.jsonapi.parameter import PAGING, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import ContentTypeId, Prefix

_PATH: Final = "/cma/item-types"
_SCHEMAS: Final = "/cma/content_type_schemas"
_route = partial(Route, section="Content types")


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/item-types."""
    return _listed(asked, _PATH, show_type)


def schemas(asked: Asked) -> Answer:
    """Answer GET /cma/content_type_schemas."""
    return _listed(asked, _SCHEMAS, show_schema)


def shown(asked: Asked) -> Answer:
    """Answer GET /cma/item-types/{id}."""
    with asked.read() as work:
        found = define_type.show_content_type(work, _id(asked))
    return Answer(200, One(show_type(found)), etag(found.version))


def made(asked: Asked) -> Answer:
    """Answer POST /cma/item-types."""
    wanted = asked.struct(NewItemTypeBody).data.attributes
    with asked.work() as work:
        new = define_type.create_content_type(
            work, wanted.api_key, wanted.name, wanted.schema_id, wanted.body
        )
    return wire_show.settled(work, show_type(new), new.version, made_at=f"{_PATH}/{new.id}")


def changed(asked: Asked) -> Answer:
    """Answer PATCH /cma/item-types/{id}."""
    data = asked.struct(ItemTypeBody).data
    require_same_id(data.id, Prefix.CONTENT_TYPE, _id(asked))
    wanted = data.attributes
    with asked.work() as work:
        edited = define_type.edit_content_type(
            work,
            _id(asked),
            name=None if wanted.name is UNSET else wanted.name,
            schema_id=None if wanted.schema_id is UNSET else wanted.schema_id,
            body=None if wanted.body is UNSET else wanted.body,
            expected=asked.if_match(),
        )
    return wire_show.settled(work, show_type(edited), edited.version)


def deleted(asked: Asked) -> Answer:
    """Answer DELETE /cma/item-types/{id}."""
    with asked.work() as work:
        gone = define_type.delete_content_type(work, _id(asked), asked.if_match())
    return wire_show.settled(work, show_type(gone), gone.version)


def _listed(asked: Asked, path: str, show: Callable[[ContentType], object]) -> Answer:
    wanted, last = asked.query.page(), wire_list.opened(asked, path)
    after = None if last is None else str(last.value)
    with asked.read() as work:
        page = define_type.list_content_types(work, wanted.size, after, wanted.offset)
    data = [show(each) for each in page.items]
    more = None if page.after is None else Last(page.after, 0)
    return Answer(200, wire_list.sealed(asked, path, data, more, page.total or 0))


def _id(asked: Asked) -> ContentTypeId:
    return wire.content_type_id(asked.params["id"])


_one = partial(
    _route,
    parts=(id_in("id", "The content type.", Prefix.CONTENT_TYPE),),
    gives={200: One[ItemType]},
)

ROUTES: Final = (
    _route(
        "GET",
        _PATH,
        listed,
        "content_type.list",
        "List content types",
        gives={200: Paged[ItemType]},
        query=PAGING,
    ),
    _route(
        "POST",
        _PATH,
        made,
        "content_type.create",
        "Define a content type",
        gives={201: One[ItemType]},
        takes=NewItemTypeBody,
        example=NEW_ITEM_TYPE,
        idempotent=True,
        fails=(Code.NAME_TAKEN,),
    ),
    _one("GET", "/cma/item-types/{id}", shown, "content_type.show", "Show a content type"),
    _one(
        "PATCH",
        "/cma/item-types/{id}",
        changed,
        "content_type.edit",
        "Change a content type",
        takes=ItemTypeBody,
        example=ITEM_TYPE,
        versioned=True,
        fails=(Code.NAME_TAKEN,),
    ),
    _one(
        "DELETE",
        "/cma/item-types/{id}",
        deleted,
        "content_type.delete",
        "Remove a content type that no entry uses",
        versioned=True,
        fails=(Code.IN_USE,),
    ),
    _route(
        "GET",
        _SCHEMAS,
        schemas,
        "content_type.list",
        "List the schemas of all content types",
        gives={200: Paged[ContentTypeSchema]},
        query=PAGING,
    ),
)
