"""Content types over HTTP: `/cma/item-types`, and their schemas for export."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from msgspec import UNSET

from counterfoil.content import define_type
from counterfoil.content.doors import wire, wire_list
from counterfoil.content.doors.wire_types import (
    ItemTypeBody,
    NewItemTypeBody,
    show_schema,
    show_type,
)
from counterfoil.content.model import ContentType
from counterfoil.content.store.wish import Last
from counterfoil.jsonapi.document import document, etag
from counterfoil.jsonapi.route import Answer, Asked, Route
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
    return Answer(200, document(show_type(found)), etag(found.version))


def made(asked: Asked) -> Answer:
    """Answer POST /cma/item-types."""
    wanted = asked.struct(NewItemTypeBody).data.attributes
    with asked.work() as work:
        new = define_type.create_content_type(
            work, wanted.api_key, wanted.name, wanted.schema_id, wanted.body
        )
    return wire.settled(work, show_type(new), new.version, made_at=f"{_PATH}/{new.id}")


def changed(asked: Asked) -> Answer:
    """Answer PATCH /cma/item-types/{id}."""
    data = asked.struct(ItemTypeBody).data
    wire.refuse_other_id(data.id, Prefix.CONTENT_TYPE, asked.params["id"])
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
    return wire.settled(work, show_type(edited), edited.version)


def deleted(asked: Asked) -> Answer:
    """Answer DELETE /cma/item-types/{id}."""
    with asked.work() as work:
        gone = define_type.delete_content_type(work, _id(asked), asked.if_match())
    return wire.settled(work, show_type(gone), gone.version)


def _listed(asked: Asked, path: str, show: Callable[[ContentType], dict[str, Any]]) -> Answer:
    wanted, last = asked.query.page(), wire_list.opened(asked, path)
    after = None if last is None else str(last.value)
    with asked.read() as work:
        page = define_type.list_content_types(work, wanted.size, after, wanted.offset)
    data = [show(each) for each in page.items]
    more = None if page.after is None else Last(page.after, 0)
    return Answer(200, wire_list.paged(asked, path, data, more, page.total or 0))


def _id(asked: Asked) -> ContentTypeId:
    return wire.content_type_id(asked.params["id"])


ROUTES: Final = (
    _route(
        "GET",
        _PATH,
        listed,
        "content_type.list",
        "List content types",
        query=wire_list.PAGING,
    ),
    _route(
        "POST",
        _PATH,
        made,
        "content_type.create",
        "Define a content type",
        takes=NewItemTypeBody,
        gives={201: None},
        idempotent=True,
    ),
    _route(
        "GET",
        "/cma/item-types/{id}",
        shown,
        "content_type.show",
        "Show a content type",
    ),
    _route(
        "PATCH",
        "/cma/item-types/{id}",
        changed,
        "content_type.edit",
        "Change a content type",
        takes=ItemTypeBody,
    ),
    _route(
        "DELETE",
        "/cma/item-types/{id}",
        deleted,
        "content_type.delete",
        "Remove a content type that no entry uses",
    ),
    _route(
        "GET",
        _SCHEMAS,
        schemas,
        "content_type.list",
        "List the schemas of all content types",
        query=wire_list.PAGING,
    ),
)
