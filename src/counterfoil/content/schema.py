"""JSON Schema (2020-12), as far as strangers may write it (S41).

A schema is at most 64 KiB, refers to itself alone, and its patterns run on an engine that takes
linear time. Two shapes would still let a small text ask for endless work, and are measured:
subschemas that apply to the same value again and again, and those that do so at each level anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

import jsonschema_rs
import msgspec

from counterfoil.content import keywords
from counterfoil.kernel.errors import Code, Invalid, pointer

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
LARGEST: Final = 64 * 1024
MOST_WORK: Final = 100_000
"""How many subschemas may look at one value and what lies within it along one way down."""

MOST_PATTERNS: Final = 100
_SCHEMAS: Final = 128
_PATTERN_BYTES: Final = 64 * 1024
_CACHE_BYTES: Final = 256 * 1024
"""What one pattern may take once it is compiled, and what it may remember while it runs."""

_FIELD: Final = "/data/attributes/body"
_SAID_CHARS: Final = 200
_REFERENCES: Final = ("$ref", "$dynamicRef")
_HERE: Final = ("not", "if", "then", "else")
_HERE_LISTS: Final = ("allOf", "anyOf", "oneOf")
_BELOW: Final = (
    "additionalProperties",
    "propertyNames",
    "unevaluatedProperties",
    "items",
    "contains",
    "unevaluatedItems",
)


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
    _refuse_foreign(body)
    _refuse_patterns(body)
    try:
        compiled(written)
        keywords.refuse_misplaced(body)
        compiled(keywords.unfolded(written))
    except jsonschema_rs.ValidationError as error:
        raise _wrong(what=_said(error), at=pointer(*error.instance_path)) from None
    except (ValueError, RecursionError):
        raise _wrong(what="This is not a JSON Schema.") from None
    refuse_work(msgspec.json.decode(keywords.unfolded(written)), 1)
    return written


def _refuse_patterns(body: Mapping[str, Any]) -> None:
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
    """Return the schema ready to run; it fetches nothing from anywhere."""
    return jsonschema_rs.Draft202012Validator(
        msgspec.json.decode(body),
        validate_formats=True,
        offline=True,
        pattern_options=jsonschema_rs.RegexOptions(
            size_limit=_PATTERN_BYTES, dfa_size_limit=_CACHE_BYTES
        ),
    )


def refuse_content(
    body: bytes, content: Mapping[str, Any], field: str = "/data/attributes"
) -> None:
    """Return if the content is as the schema says.

    Raises:
        Invalid: pointing at the first member that is not.
    """
    kept = keywords.unfolded(body)
    refuse_work(msgspec.json.decode(kept), _depth(content))
    schema = compiled(kept)
    plain = dict(content)
    if schema.is_valid(plain):
        return
    error = next(schema.iter_errors(plain))
    raise Invalid(Code.INVALID_FIELD, _said(error), field=field + pointer(*error.instance_path))


def refuse_work(schema: Mapping[str, Any], depth: int) -> None:
    """Return if the schema asks for a bounded amount of work on a value nested so deep."""
    try:
        work = _Work(schema).of(schema, depth)
    except RecursionError:
        work = MOST_WORK + 1
    if work > MOST_WORK:
        raise _wrong(what="This schema applies too many subschemas to one value.")


class _Work:
    """Counts the subschemas that look at a value, along the costliest way down into it."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root
        self._known: dict[tuple[int, int], int] = {}
        self._open: set[tuple[int, int]] = set()

    def of(self, schema: object, depth: int) -> int:
        """Return the count for a value with so many levels."""
        if not isinstance(schema, Mapping) or depth < 0:
            return 1
        key = (id(schema), depth)
        if key in self._known:
            return self._known[key]
        if key in self._open:
            return MOST_WORK + 1  # it applies itself to the same value for ever
        self._open.add(key)
        parts = tuple(self._here(schema))
        work = 1 + sum(self.of(part, depth) for part in parts)
        if depth:
            named = schema.get("properties")
            ways: tuple[object, ...] = tuple(named.values()) if isinstance(named, Mapping) else ()
            listed = schema.get("prefixItems")
            ways = (*ways, *(listed if isinstance(listed, list) else ()))
            work += max((self.of(part, depth - 1) for part in ways), default=0)
            work += sum(self.of(part, depth - 1) for part in _below(schema))
        self._open.discard(key)
        self._known[key] = min(work, MOST_WORK + 1)
        return self._known[key]

    def _here(self, schema: Mapping[str, Any]) -> Iterator[object]:
        yield from (schema[word] for word in _HERE if word in schema)
        for word in _HERE_LISTS:
            parts = schema.get(word)
            yield from parts if isinstance(parts, list) else ()
        dependent = schema.get("dependentSchemas")
        yield from dependent.values() if isinstance(dependent, Mapping) else ()
        for word in _REFERENCES:
            if isinstance(reference := schema.get(word), str):
                yield self._resolved(reference)

    def _resolved(self, reference: str) -> object:
        if not reference.startswith("#/"):
            return self._root if reference == "#" else _anchored(self._root, reference[1:])
        value: Any = self._root
        for step in reference[2:].split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            if isinstance(value, list) and name.isdecimal() and int(name) < len(value):
                value = value[int(name)]
            elif isinstance(value, Mapping) and name in value:
                value = value[name]
            else:
                return self._root  # spelled in a way that we do not follow: count the whole
        return value


def _below(schema: Mapping[str, Any]) -> Iterator[object]:
    yield from (schema[word] for word in _BELOW if word in schema)
    patterns = schema.get("patternProperties")
    yield from patterns.values() if isinstance(patterns, Mapping) else ()


def _anchored(value: object, name: str) -> object:
    """Return the subschema that bears this anchor."""
    if isinstance(value, Mapping):
        if name in {value.get("$anchor"), value.get("$dynamicAnchor")}:
            return value
        parts: Iterator[object] = iter(value.values())
    elif isinstance(value, list):
        parts = iter(value)
    else:
        return None
    return next((found for part in parts if (found := _anchored(part, name)) is not None), None)


def _refuse_foreign(value: object, at: str = "") -> None:
    """Return if no reference leaves the schema and no part of it has another name."""
    if isinstance(value, Mapping):
        for word, member in value.items():
            here = f"{at}{pointer(str(word))}"
            if word in _REFERENCES and isinstance(member, str) and not member.startswith("#"):
                raise _wrong(what="A schema refers to itself alone.", at=here)
            if word in {"$id", "$schema"} and at and isinstance(member, str):
                raise _wrong(what=f"{word} stands at the top alone.", at=here)
            _refuse_foreign(member, here)
    elif isinstance(value, list):
        for place, member in enumerate(value):
            _refuse_foreign(member, f"{at}/{place}")


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
