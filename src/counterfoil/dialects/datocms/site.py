"""What a project consists of: its models, and the one environment that it has."""

from __future__ import annotations

from functools import partial
from typing import Final, Literal

from counterfoil.content import ContentType
from counterfoil.content.define_type import list_content_types, show_content_type
from counterfoil.content.doors.wire import content_type_id
from counterfoil.directory.show import list_organizations
from counterfoil.jsonapi.datocms import DATOCMS, MAIN
from counterfoil.jsonapi.given import Given, Id, Instant, Many, One, ToMany, to_many
from counterfoil.jsonapi.parameter import id_in, one_of
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import Prefix

_MOST_TYPES: Final = 1_000
_route = partial(Route, dialect=DATOCMS, section="DatoCMS content")


class ModelFacts(Given, frozen=True):
    """What a model is called."""

    name: str
    api_key: str
    draft_mode_active: bool


class ModelFields(Given, frozen=True):
    """The fields of a model, which are members of its JSON Schema here."""

    fields: ToMany


class Model(Given, frozen=True, tag_field="type", tag="item_type"):
    """A model: a content type."""

    id: Id
    attributes: ModelFacts
    relationships: ModelFields


class EnvironmentFacts(Given, frozen=True):
    """The state of an environment."""

    status: Literal["ready"]
    created_at: Instant
    read_only_mode: bool


class EnvironmentState(EnvironmentFacts, frozen=True):
    """The same, with what it was made from."""

    primary: bool
    forked_from: None


class Environment(Given, frozen=True, tag_field="type", tag="environment"):
    """The one environment."""

    id: Literal["main"]
    attributes: EnvironmentFacts
    meta: EnvironmentState


def types_listed(asked: Asked) -> Answer:
    """Answer GET /datocms/item-types: all of them, without pages."""
    with asked.read() as work:
        found = list_content_types(work, _MOST_TYPES).items
    return Answer(200, Many([_show(one) for one in found]))


def type_found(asked: Asked) -> Answer:
    """Answer GET /datocms/item-types/{id}."""
    with asked.read() as work:
        one = show_content_type(work, content_type_id(asked.params["id"]))
    return Answer(200, One(_show(one)))


def environments(asked: Asked) -> Answer:
    """Answer GET /datocms/environments: the main one alone."""
    return Answer(200, Many([_environment(asked)]))


def environment(asked: Asked) -> Answer:
    """Answer GET /datocms/environments/{id}."""
    if asked.params["id"] != MAIN:
        raise NotFound
    return Answer(200, One(_environment(asked)))


def _environment(asked: Asked) -> Environment:
    with asked.read() as work:
        here = asked.caller.organization
        every = [one.organization for one in list_organizations(work)]
        made = next(one for one in every if one.id == here).created_at
    return Environment(
        id=MAIN,
        attributes=EnvironmentFacts(status="ready", created_at=made, read_only_mode=False),
        meta=EnvironmentState(
            status="ready",
            created_at=made,
            read_only_mode=False,
            primary=True,
            forked_from=None,
        ),
    )


def _show(one: ContentType) -> Model:
    facts = ModelFacts(name=one.name, api_key=one.api_key, draft_mode_active=True)
    fields = ModelFields(fields=to_many("field", []))
    return Model(id=str(one.id), attributes=facts, relationships=fields)


ROUTES: Final = (
    _route(
        "GET",
        "/datocms/item-types",
        types_listed,
        "content_type.list",
        "List the models",
        gives={200: Many[Model]},
    ),
    _route(
        "GET",
        "/datocms/item-types/{id}",
        type_found,
        "content_type.show",
        "Show a model",
        gives={200: One[Model]},
        parts=(id_in("id", "The model.", Prefix.CONTENT_TYPE),),
    ),
    _route(
        "GET",
        "/datocms/environments",
        environments,
        "organization.list",
        "List the one environment",
        gives={200: Many[Environment]},
    ),
    _route(
        "GET",
        "/datocms/environments/{id}",
        environment,
        "organization.list",
        "Show the one environment",
        gives={200: One[Environment]},
        parts=(one_of("id", "The environment.", (MAIN,)),),
    ),
)
