"""JSON Schema (2020-12), as far as strangers may write it (S41).

A schema is at most 64 KiB, refers to itself alone, and its patterns run on an engine that takes
linear time. Three shapes would still let a small text ask for endless work, and are measured:
subschemas that apply to the same value again and again, those that do so at each level anew, and
either of them before a long list.

The engine says whether content fits without a word more than it needs. Why it does not is another
matter: of alternatives it tells every reason of each, with a copy of what was looked at. It is
asked only where that is little.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import jsonschema_rs
import msgspec

from counterfoil.content import effort, keywords
from counterfoil.kernel.errors import Code, Invalid, pointer

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
LARGEST: Final = 64 * 1024
MOST_READING: Final = 100_000_000
"""How many subschemas may look at how many bytes of content, multiplied; that is about a second."""

MOST_TOLD: Final = 200_000
"""Up to this product the engine is asked why content does not fit one of several alternatives."""

MOST_PATTERNS: Final = 100
_SCHEMAS: Final = 128
_PATTERN_BYTES: Final = 64 * 1024
_CACHE_BYTES: Final = 256 * 1024
"""What one pattern may take once it is compiled, and what it may remember while it runs."""

_LEAST_BYTES: Final = 200
"""Less content than this costs as much: a reason has a size of its own."""

_FIELD: Final = "/data/attributes/body"
_SAID_CHARS: Final = 200
_ALTERNATIVES: Final = (b'"anyOf"', b'"oneOf"')
_UNFIT: Final = "This does not fit the schema of its type."
_MEMBERS: Final = frozenset({
    "$schema", "$anchor", "$dynamicAnchor", "$defs", "definitions",
    "properties", "patternProperties", "additionalProperties",
})  # fmt: skip


def read_schema(body: Mapping[str, Any], schema_id: str) -> bytes:
    """Return the schema as the JSON that is kept.

    Raises:
        Invalid: with a JSON pointer, if it is no schema that we run.
    """
    written = msgspec.json.encode(body)
    if len(written) > LARGEST:
        raise _wrong(what="A schema is at most 64 KiB.")
    if body.get("$schema", DRAFT) != DRAFT:
        raise _wrong(what=f"Schemas are read as {DRAFT}.", at="/$schema")
    if body.get("$id", schema_id) != schema_id:
        raise _wrong(what="The schema's $id is not its schema_id.", at="/$id")
    _require_own(body)
    _require_patterns(body)
    try:
        compiled(written)
        keywords.require_placed(body)
        compiled(keywords.unfolded(written))
    except jsonschema_rs.ValidationError as error:
        raise _wrong(what=_said(error), at=pointer(*error.instance_path)) from None
    except (ValueError, RecursionError):
        raise _wrong(what="This is not a JSON Schema.") from None
    bounded_work(msgspec.json.decode(keywords.unfolded(written)), 1)
    return written


def _require_patterns(body: Mapping[str, Any]) -> None:
    """Return if so few patterns stand in the schema that a process can keep them compiled."""
    found, waiting = 0, [body]
    while waiting:
        one: Any = waiting.pop()
        if isinstance(one, Mapping):
            properties = one.get("patternProperties")
            found += "pattern" in one
            found += len(properties) if isinstance(properties, Mapping) else 0
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    if found > MOST_PATTERNS:
        raise _wrong(what=f"A schema has at most {MOST_PATTERNS} patterns.")


@lru_cache(maxsize=_SCHEMAS)
def compiled(body: bytes) -> jsonschema_rs.Draft202012Validator:
    """Return the schema ready to run; it fetches nothing from anywhere, and repeats no value."""
    return jsonschema_rs.Draft202012Validator(
        msgspec.json.decode(body),
        validate_formats=True,
        offline=True,
        mask="This",
        pattern_options=jsonschema_rs.RegexOptions(
            size_limit=_PATTERN_BYTES, dfa_size_limit=_CACHE_BYTES
        ),
    )


def require_content(
    body: bytes, content: Mapping[str, Any], field: str = "/data/attributes"
) -> None:
    """Return if the content is as the schema says.

    Raises:
        Invalid: pointing at the first member that is not.
    """
    kept = keywords.unfolded(body)
    work = bounded_work(msgspec.json.decode(kept), _depth(content))
    if work * _size(content) > MOST_READING:
        raise Invalid(
            Code.INVALID_FIELD, "This is too much for the schema of its type.", field=field
        )
    plain = dict(content)
    if compiled(kept).is_valid(plain):
        return
    work *= any(word in kept for word in _ALTERNATIVES)
    if work * _size(plain) <= MOST_TOLD:
        _tell(compiled(kept), plain, field)
    members = _members(kept)
    for name, value in plain.items():
        alone = {name: value}
        if members is None or members.is_valid(alone):
            continue
        if work * _size(alone) <= MOST_TOLD:
            _tell(members, alone, field)
        raise Invalid(Code.INVALID_FIELD, _UNFIT, field=field + pointer(name))
    raise Invalid(Code.INVALID_FIELD, _UNFIT, field=field)


def _tell(schema: jsonschema_rs.Draft202012Validator, content: dict[str, Any], field: str) -> None:
    """Raise what the engine says of the first member that does not fit."""
    try:
        schema.validate(content)
    except jsonschema_rs.ValidationError as error:
        at = field + pointer(*error.instance_path)
        raise Invalid(Code.INVALID_FIELD, _said(error), field=at) from None


def _members(body: bytes) -> jsonschema_rs.Draft202012Validator | None:
    """Return what the schema says of each member of content, whatever the others are.

    None where that cannot be told apart: it refers to something that is left out here.
    """
    whole = msgspec.json.decode(body)
    try:
        return compiled(msgspec.json.encode({k: v for k, v in whole.items() if k in _MEMBERS}))
    except (ValueError, RecursionError):
        return None


def _size(content: Mapping[str, Any]) -> int:
    return max(len(msgspec.json.encode(content)), _LEAST_BYTES)


def bounded_work(schema: Mapping[str, Any], depth: int) -> int:
    """Return how many subschemas look at one value that is nested so deep.

    Raises:
        Invalid: if that is no bounded amount of work.
    """
    work = effort.looks(schema, depth)
    if work > effort.MOST:
        raise _wrong(what="This schema applies too many subschemas to one value.")
    return work


def _require_own(value: object, at: str = "") -> None:
    """Return if no reference leaves the schema and no part of it has another name."""
    if isinstance(value, Mapping):
        for word, member in value.items():
            here = f"{at}{pointer(str(word))}"
            if word in effort.REFERENCES and isinstance(member, str) and not member.startswith("#"):
                raise _wrong(what="A schema refers to itself alone.", at=here)
            if word in {"$id", "$schema"} and at and isinstance(member, str):
                raise _wrong(what=f"{word} stands at the top alone.", at=here)
            _require_own(member, here)
    elif isinstance(value, list):
        for place, member in enumerate(value):
            _require_own(member, f"{at}/{place}")


def _depth(value: object) -> int:
    if isinstance(value, Mapping):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list | tuple):
        return 1 + max(map(_depth, value), default=0)
    return 0


def _said(error: jsonschema_rs.ValidationError) -> str:
    return error.message[:_SAID_CHARS]


def _wrong(*, what: str, at: str = "") -> Invalid:
    return Invalid(Code.INVALID_FIELD, what, field=_FIELD + at)
