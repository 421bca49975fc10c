"""Schemas as they come in and go out: a body is JSON in a string, as in the vendor's files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from counterfoil.access.scope import Scope
from counterfoil.content import ContentType
from counterfoil.dialects.amplience.shape import ShownSchema, ShownType
from counterfoil.dialects.amplience.voice import link, may
from counterfoil.jsonapi.body import Body, read_json
from counterfoil.jsonapi.route import Asked
from counterfoil.kernel.errors import Code, CounterfoilError, Invalid

_LEVELS: Final = ("CONTENT_TYPE", "SLOT", "HIERARCHY", "PARTIAL")
_NOT_KEY: Final = re.compile(r"[^a-z0-9]+")
_KEY_CHARS: Final = 60


class AmplienceSchema(Body, frozen=True, rename="camel"):
    """A schema that comes in. `body` is a JSON Schema in a string."""

    body: str
    schema_id: str | UnsetType = UNSET
    validation_level: str = _LEVELS[0]


def read_schema(given: AmplienceSchema) -> dict[str, Any]:
    """Read the schema in the string as strictly as any other body.

    Raises:
        Invalid: naming `/body`.
    """
    if given.validation_level not in _LEVELS:
        raise Invalid(Code.INVALID_FIELD, f"One of {', '.join(_LEVELS)}.", field="/validationLevel")
    try:
        body: dict[str, Any] = read_json(given.body.encode(), dict[str, Any])
    except CounterfoilError as error:
        raise Invalid(Code.INVALID_FIELD, error.detail, field="/body") from None
    return body


def show_schema(asked: Asked, one: ContentType) -> ShownSchema:
    """Describe a schema, with a link to change it for who may."""
    hub = f"/hubs/{one.organization}"
    here = f"{hub}/content-type-schemas/{one.id}"
    links = {"self": link(asked, here), "hub": link(asked, hub)}
    if may(asked, Scope.CONTENT_TYPES_WRITE):
        links["update"] = link(asked, here)
    return ShownSchema(
        id=str(one.id),
        schema_id=one.schema_id,
        body=json.dumps(msgspec.json.decode(one.body), indent=2, ensure_ascii=False),
        validation_level=_LEVELS[0],
        status="ACTIVE",
        version=one.version,
        created_date=one.created_at,
        last_modified_date=one.updated_at,
        links=links,
    )


def show_type(asked: Asked, one: ContentType) -> ShownType:
    """Describe a content type, with a link to its schema."""
    hub = f"/hubs/{one.organization}"
    return ShownType(
        id=str(one.id),
        uri=one.schema_id,
        status="ACTIVE",
        settings={"label": one.name, "icons": [], "visualizations": []},
        links={
            "self": link(asked, f"{hub}/content-types/{one.id}"),
            "hub": link(asked, hub),
            "content-type-schema": link(asked, f"{hub}/content-type-schemas/{one.id}"),
        },
    )


def names_of(given: AmplienceSchema, body: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return by what a new schema is known: its id, an api_key made of that, and its title.

    Raises:
        Invalid: naming `/schemaId`, if it has no id.
    """
    schema_id = body.get("$id") if given.schema_id is UNSET else given.schema_id
    if not isinstance(schema_id, str):
        raise Invalid(Code.INVALID_FIELD, "A schema needs an $id.", field="/schemaId")
    last = schema_id.rpartition("/")[2].removesuffix(".json").lower()
    key = _NOT_KEY.sub("_", last).strip("_")
    key = (key if key[:1].isalpha() else f"schema_{key}").rstrip("_")[:_KEY_CHARS]
    title = body.get("title")
    return schema_id, key, title if isinstance(title, str) and title.strip() else key
