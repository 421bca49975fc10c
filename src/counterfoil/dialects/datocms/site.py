"""What a project consists of: its models, and the one environment that it has."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from counterfoil.content import ContentType
from counterfoil.content.define_type import list_content_types, show_content_type
from counterfoil.content.doors.wire import content_type_id
from counterfoil.directory.show import list_organizations
from counterfoil.jsonapi.datocms import DATOCMS
from counterfoil.jsonapi.document import document, resource, to_many
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import NotFound

MAIN: Final = "main"
_MOST_TYPES: Final = 1_000
_route = partial(Route, dialect=DATOCMS, section="DatoCMS content")


def types_listed(asked: Asked) -> Answer:
    """Answer GET /datocms/item-types: all of them, without pages."""
    with asked.read() as work:
        found = list_content_types(work, _MOST_TYPES).items
    return Answer(200, document([_show(one) for one in found]))


def type_found(asked: Asked) -> Answer:
    """Answer GET /datocms/item-types/{id}."""
    with asked.read() as work:
        one = show_content_type(work, content_type_id(asked.params["id"]))
    return Answer(200, document(_show(one)))


def environments(asked: Asked) -> Answer:
    """Answer GET /datocms/environments: the main one."""
    with asked.read() as work:
        here = asked.caller.organization
        made = next(one for one in list_organizations(work) if one.id == here).created_at
    attributes = {"status": "ready", "created_at": made, "read_only_mode": False}
    meta = {"primary": True, "status": "ready", "created_at": made, "read_only_mode": False}
    described = resource("environment", MAIN, attributes, meta={**meta, "forked_from": None})
    if "id" not in asked.params:
        return Answer(200, document([described]))
    if asked.params["id"] != MAIN:
        raise NotFound
    return Answer(200, document(described))


def _show(one: ContentType) -> dict[str, Any]:
    attributes = {"name": one.name, "api_key": one.api_key, "draft_mode_active": True}
    return resource("item_type", one.id, attributes, {"fields": to_many("field", [])})


ROUTES: Final = (
    _route("GET", "/datocms/item-types", types_listed, "content_type.list", "List the models"),
    _route("GET", "/datocms/item-types/{id}", type_found, "content_type.show", "Show a model"),
    *(
        _route("GET", path, environments, "organization.list", "The one environment")
        for path in ("/datocms/environments", "/datocms/environments/{id}")
    ),
)
