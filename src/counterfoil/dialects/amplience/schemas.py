"""Content type schemas and content types: two names that the vendor has for one of ours."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from msgspec import UNSET

from counterfoil.content import ContentType
from counterfoil.content.define_type import (
    create_content_type,
    edit_content_type,
    list_content_types,
    show_content_type,
)
from counterfoil.content.doors.wire import content_type_id
from counterfoil.dialects.amplience.hubs import hub
from counterfoil.dialects.amplience.voice import AMPLIENCE, BASE, paged, place
from counterfoil.dialects.amplience.wire import (
    Schema,
    names_of,
    read_schema,
    show_schema,
    show_type,
)
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.operation import Work

_LIST: Final = ("page", "size", "sort", "status")
_route = partial(Route, dialect=AMPLIENCE, section="Amplience content type schemas")


def listed(asked: Asked) -> Answer:
    """Answer GET /hubs/{id}/content-type-schemas."""
    return _page(asked, "content-type-schemas", show_schema)


def types_listed(asked: Asked) -> Answer:
    """Answer GET /hubs/{id}/content-types."""
    return _page(asked, "content-types", show_type)


def created(asked: Asked) -> Answer:
    """Answer POST /hubs/{id}/content-type-schemas."""
    hub(asked)
    given = asked.struct(Schema)
    body = read_schema(given)
    schema_id, key, name = names_of(given, body)
    with asked.work() as work:
        made = create_content_type(work, key, name, schema_id, body)
    return Answer(201, show_schema(asked, made), position=work.position)


def found(asked: Asked) -> Answer:
    """Answer GET /content-type-schemas/{id}."""
    with asked.read() as work:
        return Answer(200, show_schema(asked, _named(asked, work)))


def type_found(asked: Asked) -> Answer:
    """Answer GET /content-types/{id}."""
    with asked.read() as work:
        return Answer(200, show_type(asked, _named(asked, work)))


def changed(asked: Asked) -> Answer:
    """Answer PATCH /content-type-schemas/{id}."""
    given = asked.struct(Schema)
    with asked.work() as work:
        edited = edit_content_type(
            work,
            content_type_id(asked.params["id"]),
            schema_id=None if given.schema_id is UNSET else given.schema_id,
            body=read_schema(given),
        )
    return Answer(200, show_schema(asked, edited), position=work.position)


def _named(asked: Asked, work: Work) -> ContentType:
    return show_content_type(work, content_type_id(asked.params["id"]))


def _page(asked: Asked, name: str, show: Callable[[Asked, ContentType], dict[str, Any]]) -> Answer:
    organization = hub(asked)
    number, size = place(asked)
    with asked.read() as work:
        page = list_content_types(work, size, offset=number * size)
    items, total = page.items, page.total or 0
    if "ACTIVE" not in (asked.query.text("status") or "ACTIVE").split(","):
        items, total = (), 0
    described = [show(asked, one) for one in items]
    return Answer(200, paged(asked, f"/hubs/{organization}/{name}", name, described, total))


_ANY: Final = dict[str, Any]

ROUTES: Final = (
    _route(
        "GET",
        f"{BASE}/hubs/{{id}}/content-type-schemas",
        listed,
        "content_type.list",
        "List the schemas of a hub",
        gives={200: _ANY},
        query=_LIST,
    ),
    _route(
        "POST",
        f"{BASE}/hubs/{{id}}/content-type-schemas",
        created,
        "content_type.create",
        "Make a schema",
        takes=Schema,
        gives={201: _ANY},
    ),
    _route(
        "GET",
        f"{BASE}/content-type-schemas/{{id}}",
        found,
        "content_type.show",
        "Show a schema",
        gives={200: _ANY},
    ),
    _route(
        "PATCH",
        f"{BASE}/content-type-schemas/{{id}}",
        changed,
        "content_type.edit",
        "Change a schema",
        takes=Schema,
        gives={200: _ANY},
    ),
    _route(
        "GET",
        f"{BASE}/hubs/{{id}}/content-types",
        types_listed,
        "content_type.list",
        "List the content types of a hub",
        gives={200: _ANY},
        query=_LIST,
    ),
    _route(
        "GET",
        f"{BASE}/content-types/{{id}}",
        type_found,
        "content_type.show",
        "Show a content type",
        gives={200: _ANY},
    ),
)
