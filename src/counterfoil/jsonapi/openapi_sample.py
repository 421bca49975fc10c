"""What a value looks like that a JSON Schema describes: the answers that the reference shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from counterfoil.jsonapi.parameter import SAMPLE

Schema: TypeAlias = Mapping[str, Any]

_REF: Final = "#/components/schemas/"
_DEEPEST: Final = 12
_INSTANT: Final = "2026-11-26T09:30:00Z"
_WORDS: Final = {
    "name": "ci-schema-export",
    "description": "Exports the content types by night.",
    "email": "ada@example.com",
    "token": "cfp_EXAMPLE",
    "hint": "cfp_…x4Qz",
    "slug": "hello",
    "path": "/site/blog",
    "next": "/cma/users?page[after]=eyJ2IjoxfQ",
    "self": "/cma/users",
    "scopes": "content:read",
    "surfaces": "delivery",
    "url": "https://www.example.com/hello",
    "code": "en",
    "locale": "en",
    "mime_type": "image/png",
    "organization": SAMPLE,
    "roots": SAMPLE,
    "justification": "The site is built by night.",
}
"""What stands where a text of this name does; of any other, the name itself."""


def resolved(schema: Schema, known: Mapping[str, Schema]) -> Schema:
    """Return what a schema refers to, if it is only a name."""
    while "$ref" in schema:
        schema = known[schema["$ref"].removeprefix(_REF)]
    return schema


def choices(schema: Schema) -> list[Schema]:
    """Return the alternatives of a schema, without null; itself if there are none."""
    return [one for one in schema.get("anyOf", (schema,)) if one.get("type") != "null"]


def sample(schema: Schema, known: Mapping[str, Schema], name: str = "", depth: int = 0) -> Any:  # noqa: ANN401 - whatever JSON can say
    """Return a value that a schema allows.

    Args:
        schema: what describes it.
        known: the schemas to which it may refer, by name.
        name: what the member is called in which it stands.
        depth: how deep that is.
    """
    schema = resolved(schema, known)
    if "anyOf" in schema:
        nullable = any(one.get("type") == "null" for one in schema["anyOf"])
        several = choices(schema)
        if not several or (nullable and depth > _DEEPEST):
            return None
        return sample(several[0], known, name, depth)
    for given in ("examples", "enum"):
        if schema.get(given):
            return schema[given][0]
    if "const" in schema:
        return schema["const"]
    return _made(schema, known, name, depth)


def _made(schema: Schema, known: Mapping[str, Schema], name: str, depth: int) -> Any:  # noqa: ANN401 - as above
    kind = schema.get("type")
    if kind == "object" or "properties" in schema:
        return _members(schema, known, depth)
    if kind == "array":
        needed = schema.get("minItems", 0)
        if depth > _DEEPEST and not needed:
            return []
        return [sample(schema.get("items", {}), known, name, depth + 1)] * max(needed, 1)
    if kind == "string":
        return _text(schema, name)
    if kind == "number":
        return 1.5
    return {"integer": max(1, schema.get("minimum", 1)), "boolean": True}.get(str(kind))


def _members(schema: Schema, known: Mapping[str, Schema], depth: int) -> dict[str, Any]:
    needed = schema.get("required", ())
    return {
        name: sample(one, known, name, depth + 1)
        for name, one in schema.get("properties", {}).items()
        if depth <= _DEEPEST or name in needed
    }


def _text(schema: Schema, name: str) -> str:
    if schema.get("format") == "date-time" or name.endswith("_at"):
        return _INSTANT
    if name == "id" or name.endswith("_id"):
        return SAMPLE
    return _WORDS.get(name, name or "text")
