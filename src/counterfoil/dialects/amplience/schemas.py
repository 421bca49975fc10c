"""Content type schemas and content types: two names that the vendor has for one of ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from msgspec import UNSET

from counterfoil.content import ContentType
from counterfoil.content.define_type import (
    create_content_type,
    edit_content_type,
    list_content_types,
    show_content_type,
)
from counterfoil.content.doors.wire import content_type_id
from counterfoil.dialects.amplience.hubs import HUB, hub
from counterfoil.dialects.amplience.shape import Page, ShownSchema, ShownType
from counterfoil.dialects.amplience.voice import AMPLIENCE, BASE, PAGED, paged, place
from counterfoil.dialects.amplience.wire import (
    AmplienceSchema,
    names_of,
    read_schema,
    show_schema,
    show_type,
)
from counterfoil.jsonapi.parameter import TEXT, Parameter, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import ContentTypeId, Prefix
from counterfoil.operation import Work

_LIST: Final = (
    *PAGED,
    Parameter("status", "ACTIVE; there are none in another status.", TEXT, "ACTIVE"),
)
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
    given = asked.struct(AmplienceSchema)
    body = read_schema(given)
    schema_id, key, name = names_of(given, body)
    with asked.work() as work:
        made = create_content_type(work, key, name, schema_id, body)
    return Answer(201, show_schema(asked, made))


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
    given = asked.struct(AmplienceSchema)
    with asked.work() as work:
        edited = edit_content_type(
            work,
            _id(asked),
            schema_id=None if given.schema_id is UNSET else given.schema_id,
            body=read_schema(given),
        )
    return Answer(200, show_schema(asked, edited))


def _named(asked: Asked, work: Work) -> ContentType:
    return show_content_type(work, _id(asked))


def _id(asked: Asked) -> ContentTypeId:
    """Return which schema is meant: by itself, or in the hub that our links name (K13)."""
    if "schema" in asked.params:
        hub(asked)
    return content_type_id(asked.params.get("schema", asked.params["id"]))


def _page(asked: Asked, name: str, show: Callable[[Asked, ContentType], object]) -> Answer:
    organization = hub(asked)
    number, size = place(asked)
    with asked.read() as work:
        page = list_content_types(work, size, offset=number * size)
    items, total = page.items, page.total or 0
    if "ACTIVE" not in (asked.query.text("status") or "ACTIVE").split(","):
        items, total = (), 0
    described = [show(asked, one) for one in items]
    return Answer(200, paged(asked, f"/hubs/{organization}/{name}", name, described, total))


_MEANT: Final = "The schema: a content type."
_in_hub = partial(_route, parts=(HUB,), place="id")
_schema = partial(
    _route, parts=(id_in("id", _MEANT, Prefix.CONTENT_TYPE),), gives={200: ShownSchema}
)
_NEW: Final = {
    "body": '{"$id": "https://example.com/slide.json", "type": "object"}',
    "validationLevel": "CONTENT_TYPE",
}
_CHANGED: Final = {"body": '{"type": "object", "required": ["title"]}'}
_BY_ID: Final = (
    _schema(
        "GET",
        f"{BASE}/content-type-schemas/{{id}}",
        found,
        "content_type.show",
        "Show a schema",
    ),
    _schema(
        "PATCH",
        f"{BASE}/content-type-schemas/{{id}}",
        changed,
        "content_type.edit",
        "Change a schema",
        takes=AmplienceSchema,
        example=_CHANGED,
        fails=(Code.NAME_TAKEN,),
    ),
    _schema(
        "GET",
        f"{BASE}/content-types/{{id}}",
        type_found,
        "content_type.show",
        "Show a content type",
        gives={200: ShownType},
    ),
)


def _linked(one: Route) -> Route:
    """Return the address to which our own links lead: it names the hub as well (K13)."""
    name = one.path.removeprefix(BASE).removesuffix("/{id}")
    return replace(
        one,
        path=f"{BASE}/hubs/{{id}}{name}/{{schema}}",
        summary=f"{one.summary} of a hub",
        parts=(HUB, id_in("schema", _MEANT, Prefix.CONTENT_TYPE)),
        place="id",
    )


ROUTES: Final = (
    _in_hub(
        "GET",
        f"{BASE}/hubs/{{id}}/content-type-schemas",
        listed,
        "content_type.list",
        "List the schemas of a hub",
        gives={200: Page[ShownSchema]},
        query=_LIST,
    ),
    _in_hub(
        "POST",
        f"{BASE}/hubs/{{id}}/content-type-schemas",
        created,
        "content_type.create",
        "Make a schema",
        gives={201: ShownSchema},
        idempotent=True,
        takes=AmplienceSchema,
        example=_NEW,
        fails=(Code.NAME_TAKEN,),
    ),
    _in_hub(
        "GET",
        f"{BASE}/hubs/{{id}}/content-types",
        types_listed,
        "content_type.list",
        "List the content types of a hub",
        gives={200: Page[ShownType]},
        query=_LIST,
    ),
    *_BY_ID,
    *map(_linked, _BY_ID),
)
