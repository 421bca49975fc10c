"""How much work a schema asks for: how many of its parts look at one value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

MOST: Final = 100_000
"""How many subschemas may look at one value and what lies within it along one way down."""

REFERENCES: Final = ("$ref", "$dynamicRef")
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


def looks(schema: Mapping[str, Any], depth: int) -> int:
    """Return how many subschemas look at a value nested so deep; beyond `MOST` it is not told."""
    try:
        return _Work(schema).of(schema, depth)
    except RecursionError:
        return MOST + 1


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
            return MOST + 1  # it applies itself to the same value for ever
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
        self._known[key] = min(work, MOST + 1)
        return self._known[key]

    def _here(self, schema: Mapping[str, Any]) -> Iterator[object]:
        yield from (schema[word] for word in _HERE if word in schema)
        for word in _HERE_LISTS:
            parts = schema.get(word)
            yield from parts if isinstance(parts, list) else ()
        dependent = schema.get("dependentSchemas")
        yield from dependent.values() if isinstance(dependent, Mapping) else ()
        for word in REFERENCES:
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
