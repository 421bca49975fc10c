"""The fields of a record: what JSON Schema says of a property, in GraphQL's types."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

import msgspec
from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLString,
    InlineFragmentNode,
    IntValueNode,
    StringValueNode,
    ValueNode,
)

from counterfoil.access.surface import Surface
from counterfoil.content.graphql.limits import LARGEST_PAGE, USUAL_PAGE, values_in
from counterfoil.content.graphql.records import Lookup, Record
from counterfoil.content.keywords import LOCALIZED, REFERENCE, first_of
from counterfoil.content.model import ContentType
from counterfoil.content.store.seen import shown_at
from counterfoil.kernel.clock import spell_whole

_GREATEST: Final = 2**53 - 1
_FARTHEST: Final = 100_000

Property: TypeAlias = Mapping[str, Any]
Resolve: TypeAlias = Callable[..., Any]
Info: TypeAlias = GraphQLResolveInfo[Any]


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _GREATEST:
        message = "IntType is a whole number of at most 53 bits."
        raise GraphQLError(message)
    return value


def _whole_literal(node: ValueNode, _variables: object = None) -> int:
    if not isinstance(node, IntValueNode) or len(node.value) > len(str(_GREATEST)) + 1:
        message = "IntType is a whole number of at most 53 bits."
        raise GraphQLError(message)
    return _whole(int(node.value))


def _id(value: object) -> str:
    """Read an id as text, or as a number of its digits."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        message = "ItemId is a text of digits, or their number."
        raise GraphQLError(message)
    return str(value)


def _id_literal(node: ValueNode, _variables: object = None) -> str:
    return _id(node.value if isinstance(node, StringValueNode | IntValueNode) else None)


INTEGER: Final = GraphQLScalarType(
    "IntType",
    parse_value=_whole,
    parse_literal=_whole_literal,
    description="A whole number of at most 53 bits.",
)
FLOAT: Final = GraphQLScalarType("FloatType", description="A number.")
BOOLEAN: Final = GraphQLScalarType("BooleanType", description="True or false.")
ITEM_ID: Final = GraphQLScalarType(
    "ItemId",
    parse_value=_id,
    parse_literal=_id_literal,
    description="The id of a record, in digits.",
)
DATE_TIME: Final = GraphQLScalarType("DateTime", description="An instant in RFC 3339.")
JSON: Final = GraphQLScalarType("JsonField", description="Whatever JSON says.")
_SCALARS: Final[Mapping[str, GraphQLScalarType]] = {
    "string": GraphQLString,
    "integer": INTEGER,
    "number": FLOAT,
    "boolean": BOOLEAN,
}


@lru_cache(maxsize=256)
def _properties(body: bytes) -> Mapping[str, Property]:
    found = msgspec.json.decode(body).get("properties", {})
    return {name: said for name, said in found.items() if isinstance(said, dict)}


def properties(model: ContentType) -> Mapping[str, Property]:
    """Return the properties that a content type declares, each with its schema."""
    return _properties(model.body)


def referred(said: Property) -> tuple[tuple[str, ...] | None, bool]:
    """Return of which content types a property names entries, and whether it lists them.

    No type named means all of them; None that it refers to nothing.
    """
    items = said.get("items")
    listed = said.get("type") == "array" and isinstance(items, dict)
    keys = (items if listed and isinstance(items, dict) else said).get(REFERENCE)
    return (tuple(keys), listed) if isinstance(keys, list) else (None, False)


def plain(said: Property) -> GraphQLOutputType:
    """Return the type of a property that refers to nothing: JSON, where GraphQL has no word."""
    items = said.get("items")
    if said.get("type") == "array" and isinstance(items, dict):
        return GraphQLList(plain(items))
    kind = said.get("type")
    return _SCALARS.get(kind, JSON) if isinstance(kind, str) else JSON


def content(name: str, said: Property) -> Resolve:
    """Resolve a property to what the editor wrote, in one locale if it has several."""
    value = _value(name, said)

    def resolve(record: Record, info: Info, locale: str | None = None) -> object:
        lookup: Lookup = info.context
        found = value(record, lookup, locale)
        lookup.spend(values_in(found))
        return found

    return resolve


def _value(name: str, said: Property) -> Callable[[Record, Lookup, str | None], object]:
    """Return what looks a property up: of one with locales the asked for, or else the default."""

    def plain(record: Record, _lookup: Lookup, _locale: str | None) -> object:
        return record.said.get(name)

    def localized(record: Record, lookup: Lookup, locale: str | None) -> object:
        return first_of(record.said.get(name), lookup.locales(locale))

    return localized if said.get(LOCALIZED) else plain


def reference(name: str, said: Property) -> Resolve:
    """Resolve a property to the record it names, or null if the caller does not see it here."""
    value = _value(name, said)

    def resolve(record: Record, info: Info, locale: str | None = None) -> object:
        lookup: Lookup = info.context
        return lookup.referred(value(record, lookup, locale))

    return resolve


def references(name: str, said: Property) -> Resolve:
    """Resolve a property to the records it lists, less those that the caller does not see here."""
    value = _value(name, said)

    def resolve(record: Record, info: Info, locale: str | None = None) -> object:
        lookup: Lookup = info.context
        held = value(record, lookup, locale)
        named = [one for one in held if isinstance(one, str)] if isinstance(held, list) else []
        lookup.fetch(named)
        found = (lookup.referred(one) for one in named)
        return [one for one in found if one is not None]

    return resolve


def page_of(first: int | None, skip: int | None) -> tuple[int, int]:
    """Return how many are wanted, and how many come before them; null is as good as nothing said.

    Raises:
        GraphQLError: INVALID_REQUEST.
    """
    page = (USUAL_PAGE if first is None else first, skip or 0)
    for name, given, most in zip(("first", "skip"), page, (LARGEST_PAGE, _FARTHEST), strict=True):
        if not 0 <= given <= most:
            message = f"{name} is a whole number from 0 to {most}."
            raise GraphQLError(message, extensions={"code": "INVALID_REQUEST"})
    return page


def named_in(record: Record, name: str) -> Iterator[str]:
    """Yield the ids that a property holds, in every locale."""
    waiting = [record.said.get(name)]
    while waiting:
        said = waiting.pop()
        if isinstance(said, str):
            yield said
        elif isinstance(said, list):
            waiting.extend(said)
        elif isinstance(said, dict):
            waiting.extend(said.values())


def chosen(info: Info) -> set[str]:
    """Return the names of the fields that are wanted of what is resolved.

    A fragment is looked into once, however often it is spread: two spreads in each of a row of
    fragments would else be looked into more often than there is time for.
    """
    names, spread = set[str](), set[str]()
    waiting = [node.selection_set for node in info.field_nodes]
    while waiting:
        selection = waiting.pop()
        for one in selection.selections if selection else ():
            if isinstance(one, FieldNode):
                names.add(one.name.value)
            elif isinstance(one, InlineFragmentNode):
                waiting.append(one.selection_set)
            elif isinstance(one, FragmentSpreadNode) and one.name.value not in spread:
                spread.add(one.name.value)
                waiting.append(info.fragments[one.name.value].selection_set)
    return names


def _own(type_: GraphQLScalarType, resolve: Callable[[Record, Lookup], object]) -> GraphQLField:
    def resolved(record: Record, info: Info) -> object:
        lookup: Lookup = info.context
        lookup.spend(1)
        return resolve(record, lookup)

    return GraphQLField(GraphQLNonNull(type_), {}, resolved)


OWN: Final[Mapping[str, GraphQLField]] = {
    "id": _own(ITEM_ID, lambda record, _lookup: str(record.shown.node.id)),
    "_slug": _own(GraphQLString, lambda record, _lookup: record.shown.node.slug),
    "_createdAt": _own(
        DATE_TIME, lambda record, _lookup: spell_whole(record.shown.node.created_at)
    ),
    "_updatedAt": _own(
        DATE_TIME, lambda record, lookup: spell_whole(shown_at(record.shown, lookup.surface))
    ),
    "_status": _own(
        GraphQLString,
        lambda record, lookup: (
            "published" if lookup.surface is Surface.DELIVERY else str(record.shown.node.status)
        ),
    ),
}
"""What every record has, whatever its type."""
