"""The parameters of an operation and the members of its body, one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from counterfoil.jsonapi.openapi_sample import Schema, choices, resolved, sample
from counterfoil.web.views.reference_words import MEANINGS

_SENTENCE: Final = re.compile(r"(?<=[.!?;])\s+")
_DEEPEST: Final = 6
_FILE: Final = "The file, as it is."


@dataclass(frozen=True, slots=True)
class Member:
    """A parameter, or a member of a body.

    Attributes:
        name: with the members around it: `data.attributes.name`.
        where: path, query, header or body.
        type: in words: a text, one of some words, a list.
        example: a value that it takes, as it is written.
    """

    name: str
    where: str
    type: str
    required: bool
    says: str
    example: str


def parameters(said: Sequence[Mapping[str, Any]]) -> tuple[Member, ...]:
    """Return what an OpenAPI operation says of its parameters."""
    return tuple(
        Member(
            one["name"],
            one["in"],
            type_of(one["schema"], {}),
            bool(one.get("required")),
            one["description"],
            _plain(one["example"] if "example" in one else sample(one["schema"], {}, one["name"])),
        )
        for one in said
    )


def members(
    body: Mapping[str, Any] | None, example: object, known: Mapping[str, Schema]
) -> tuple[Member, ...]:
    """Return what stands in a body, each member before those within it."""
    if body is None:
        return ()
    content = next(iter(body["content"].values()))
    if not content["schema"]:
        return (Member("(the body)", "body", "file", required=True, says=_FILE, example="hello"),)
    return tuple(_within(content["schema"], example, known, ""))


def _within(
    schema: Schema, example: object, known: Mapping[str, Schema], prefix: str, depth: int = 0
) -> Iterator[Member]:
    for held in _objects(schema, known):
        needed = held.get("required", ())
        for name, inner in held.get("properties", {}).items():
            given = example.get(name) if isinstance(example, dict) else None
            shown = sample(inner, known, name, depth) if given is None else given
            full = f"{prefix}{name}"
            says = _about(name, held, inner, known)
            type_ = type_of(inner, known)
            yield Member(full, "body", type_, name in needed, says, _plain(shown))
            if depth < _DEEPEST:
                listed = isinstance(shown, list)
                first = (shown[0] if shown else None) if isinstance(shown, list) else shown
                after = "[]." if listed else "."
                yield from _within(inner, first, known, f"{full}{after}", depth + 1)


def _objects(schema: Schema, known: Mapping[str, Schema]) -> list[Schema]:
    """Return the objects that a schema allows, through lists and alternatives."""
    schema = resolved(schema, known)
    found: list[Schema] = []
    for one in choices(schema):
        plain = resolved(one, known)
        if "items" in plain:
            found += _objects(plain["items"], known)
        elif "properties" in plain:
            found.append(plain)
        elif "anyOf" in plain:
            found += _objects(plain, known)
    return found


def _about(name: str, held: Schema, inner: Schema, known: Mapping[str, Schema]) -> str:
    """Return what is said of a member: where it is explained, or by what it holds, or its name."""
    if "description" in inner:
        return str(inner["description"])
    told = " ".join(str(held.get("description", "")).split())
    named = [one for one in _SENTENCE.split(told) if f"`{name}`" in one]
    if named:
        return " ".join(named)
    deeper = next((one for one in _objects(inner, known) if one.get("description")), None)
    if deeper is not None:
        return _SENTENCE.split(" ".join(str(deeper["description"]).split()))[0]
    return MEANINGS.get(name) or f"The {name.replace('_', ' ')}."


def type_of(schema: Schema, known: Mapping[str, Schema]) -> str:
    """Return a type in words."""
    if "anyOf" in schema:
        words = dict.fromkeys(type_of(one, known) for one in schema["anyOf"])
        return " or ".join(words)
    if "$ref" in schema:
        return _type_named(resolved(schema, known), known)
    if "enum" in schema or "const" in schema:
        allowed = schema.get("enum", [schema.get("const")])
        return " | ".join(json.dumps(one) for one in allowed)
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"list of {type_of(schema.get('items', {}), known)}"
    return {"date-time": "instant"}.get(str(schema.get("format")), kind)


def _type_named(held: Schema, known: Mapping[str, Schema]) -> str:
    """Return the type of a resource by what it calls itself, any other object by its title."""
    if "properties" not in held and "anyOf" not in held and "enum" in held:
        return type_of(held, known)
    kinds = held.get("properties", {}).get("type", {}).get("enum", ())
    return str(kinds[0]) if len(kinds) == 1 else str(held.get("title", "object"))


def _plain(value: object) -> str:
    """Return a value as it is written: a text without its quotes, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
