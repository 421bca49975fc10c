"""The words that we add to JSON Schema, each on a property of a content type.

* `x-reference` (a list of api_keys): the value names an entry of one of these types; `[]` of any.
* `x-asset` (true): the value names an asset.
* `x-localized` (true): the value is one for each locale, `{"en": …}`; the rest of the property's
  schema describes one of them.

A node is named by its id, as a string of digits. The first two stand on a property, on the `items`
of a list, and so on down through `properties` and `items`; nowhere else does anybody look for them,
so nowhere else may they be written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, Final, TypeAlias

import msgspec

from counterfoil.kernel.errors import Code, Invalid, pointer

REFERENCE: Final = "x-reference"
ASSET: Final = "x-asset"
LOCALIZED: Final = "x-localized"
MOST_PLACES: Final = 100
"""So many properties of a type may name nodes."""

MOST_NAMED: Final = 250
"""So many nodes may one entry name."""

ID: Final = re.compile(r"[1-9][0-9]{15}")
_TYPES: Final = 256
_BODY: Final = "/data/attributes/body"
_SCHEMAS: Final = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas"})
_DATA: Final = frozenset({"enum", "const", "default", "examples", "dependentRequired"})


class Each(Enum):
    """A step that leads to several values: every item of a list, every locale of a property."""

    ITEM = "item"
    LOCALE = "locale"


Step: TypeAlias = str | Each
Steps: TypeAlias = tuple[Step, ...]
Content: TypeAlias = Mapping[str, Any]
Found: TypeAlias = tuple[tuple[str | int, ...], object]
"""A value, and the members and items that lead to it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where entries of a type name nodes.

    Attributes:
        steps: the way there, from the content down.
        types: the api_keys of the types whose entries they may name; none named are all.
        assets: whether they name assets instead.
    """

    steps: Steps
    types: tuple[str, ...] = ()
    assets: bool = False

    def named(self, content: Content) -> Iterator[Found]:
        """Yield whatever stands in this place, be it an id or not, save null and what is absent."""
        return _found(content, self.steps, ())

    def kept(self, content: Content, sees: Callable[[object], bool]) -> dict[str, Any]:
        """Return the content with null for what is not seen here; in a list it is left out."""
        name, *rest = self.steps
        if not isinstance(name, str) or name not in content:
            return dict(content)
        return {**content, name: _kept(content[name], tuple(rest), sees)}


@lru_cache(maxsize=_TYPES)
def places(body: bytes) -> tuple[Place, ...]:
    """Return where entries of the type with this schema name nodes."""
    return tuple(_places(msgspec.json.decode(body), ()))


@lru_cache(maxsize=_TYPES)
def localized(body: bytes) -> frozenset[str]:
    """Return the properties of this schema that have a value for each locale."""
    properties = msgspec.json.decode(body).get("properties")
    members = properties.items() if isinstance(properties, Mapping) else ()
    return frozenset(name for name, said in members if _is_localized(said))


def differing(before: bytes, after: bytes) -> list[str]:
    """Return the properties that hold names of nodes elsewhere, or other locales, in one of two."""
    old, new = (
        {(place.steps[0], place.steps) for place in places(body)}
        | {(name, ()) for name in localized(body)}
        for body in (before, after)
    )
    return sorted({str(name) for name, _ in old ^ new})


@lru_cache(maxsize=_TYPES)
def unfolded(body: bytes) -> bytes:
    """Return the schema of what is kept: where it is localized, an object of all locales."""
    if not localized(body):
        return body
    schema = msgspec.json.decode(body)
    for name in localized(body):
        said = schema["properties"][name]
        schema["properties"][name] = {"type": "object", "additionalProperties": said}
    return msgspec.json.encode(schema)


def in_one(body: bytes, content: Content, locales: Sequence[str]) -> dict[str, Any]:
    """Return the content with one value of what is localized: the first locale's that has one."""
    return {
        name: first_of(value, locales) if name in localized(body) else value
        for name, value in content.items()
    }


def first_of(value: object, locales: Sequence[str]) -> object:
    """Return the value in the first of these locales that has one."""
    if not isinstance(value, Mapping):
        return value  # from before the property was localized
    said = (value[code] for code in locales if value.get(code) is not None)
    return next(said, None)


def _is_own(at: tuple[object, ...]) -> bool:
    """Say whether a property of the entry itself stands there."""
    match at:
        case ("properties", _):
            return True
        case _:
            return False


def require_placed(body: Mapping[str, Any]) -> None:
    """Return if our words say something wherever they stand in a schema.

    Raises:
        Invalid: pointing at the one that does not.
    """
    known = set(_standing(body, (), named=False))
    for at, schema in _schemas(body, ()):
        for word in (REFERENCE, ASSET, LOCALIZED):
            if word not in schema:
                continue
            _require_value(word, schema[word], at)
            if word is LOCALIZED and not _is_own(at):
                raise _wrong("Only a property of the entry itself has locales.", (*at, word))
            if at not in known:
                raise _wrong("This stands on a property, or on the items of a list.", (*at, word))
        if REFERENCE in schema and schema.get(ASSET):
            raise _wrong("This names an entry or an asset, not both.", (*at, ASSET))
    if len(tuple(_places(body, ()))) > MOST_PLACES:
        raise _wrong(f"At most {MOST_PLACES} properties of a type name nodes.", ())


def _require_value(word: str, value: object, at: tuple[str | int, ...]) -> None:
    if word != REFERENCE:
        if not isinstance(value, bool):
            raise _wrong(f"{word} is true or false.", (*at, word))
    elif not isinstance(value, list) or not all(isinstance(key, str) for key in value):
        raise _wrong(f"{word} is a list of the api_keys of content types.", (*at, word))


def _is_localized(said: object) -> bool:
    return isinstance(said, Mapping) and said.get(LOCALIZED) is True


def _places(schema: object, steps: Steps) -> Iterator[Place]:
    if not isinstance(schema, Mapping):
        return
    if steps and isinstance(types := schema.get(REFERENCE), list):
        yield Place(steps, tuple(types))
        return
    if steps and schema.get(ASSET) is True:
        yield Place(steps, assets=True)
        return
    properties = schema.get("properties")
    for name, said in properties.items() if isinstance(properties, Mapping) else ():
        locales = (Each.LOCALE,) if not steps and _is_localized(said) else ()
        yield from _places(said, (*steps, name, *locales))
    if steps:
        yield from _places(schema.get("items"), (*steps, Each.ITEM))


def _standing(
    schema: object, at: tuple[str | int, ...], *, named: bool
) -> Iterator[tuple[str | int, ...]]:
    """Yield where `_places` looks."""
    if not isinstance(schema, Mapping):
        return
    if named:
        yield at
        if REFERENCE in schema or schema.get(ASSET) is True:
            return
        yield from _standing(schema.get("items"), (*at, "items"), named=True)
    properties = schema.get("properties")
    for name, said in properties.items() if isinstance(properties, Mapping) else ():
        yield from _standing(said, (*at, "properties", name), named=True)


def _schemas(
    value: object, at: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, Any]]]:
    """Yield every schema within a schema, with the way to it; what is data is none."""
    if isinstance(value, list):
        for place, one in enumerate(value):
            yield from _schemas(one, (*at, place))
    elif isinstance(value, Mapping):
        yield at, value
        for word, member in value.items():
            if word in _SCHEMAS and isinstance(member, Mapping):
                for name, one in member.items():
                    yield from _schemas(one, (*at, word, name))
            elif word not in _DATA:
                yield from _schemas(member, (*at, word))


def _found(value: object, steps: Steps, at: tuple[str | int, ...]) -> Iterator[Found]:
    if value is None:
        return
    if not steps:
        yield at, value
        return
    step, rest = steps[0], steps[1:]
    if step is Each.ITEM:
        for place, one in enumerate(value) if isinstance(value, list) else ():
            yield from _found(one, rest, (*at, place))
    elif isinstance(value, Mapping):
        names = value.keys() if step is Each.LOCALE else value.keys() & {step}
        for name in names:
            yield from _found(value[name], rest, (*at, name))


def _kept(value: object, steps: Steps, sees: Callable[[object], bool]) -> object:
    """Return what is shown of a value; what has not the shape of today's schema is not."""
    if not steps:
        return value if sees(value) else None
    step, rest = steps[0], steps[1:]
    if step is Each.ITEM:
        if not isinstance(value, list):
            return None
        shown = [_kept(one, rest, sees) for one in value]
        return shown if rest else [one for one in shown if one is not None]
    if not isinstance(value, Mapping):
        return None
    names = value.keys() if step is Each.LOCALE else value.keys() & {step}
    return {**value, **{name: _kept(value[name], rest, sees) for name in names}}


def _wrong(what: str, at: tuple[str | int, ...]) -> Invalid:
    return Invalid(Code.INVALID_FIELD, what, field=_BODY + pointer(*at))
