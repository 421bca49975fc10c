"""What a list of records is filtered by: the same questions as REST asks, of the same properties.

A localized property is compared in the default locale.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLFloat,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLString,
)

from counterfoil.content.doors.wire_list import MOST_ASKS
from counterfoil.content.graphql.fields import ITEM_ID, Property, referred
from counterfoil.content.keywords import ASSET
from counterfoil.content.steps import sift
from counterfoil.content.steps.sift import Ask

Wanted: TypeAlias = Mapping[str, Mapping[str, Any] | None]

_WORDS: Final = {"hasAny": sift.HAS_ANY, "hasAll": sift.HAS_ALL}


def _several(type_: GraphQLScalarType) -> GraphQLInputField:
    return GraphQLInputField(GraphQLList(GraphQLNonNull(type_)))


def _input(
    name: str, type_: GraphQLScalarType, one: tuple[str, ...], many: tuple[str, ...]
) -> GraphQLInputObjectType:
    """Return what may be asked: with one value, and with several."""
    fields = {op: GraphQLInputField(type_) for op in one}
    fields |= {op: _several(type_) for op in many}
    if type_ is not ITEM_ID:
        fields["exists"] = GraphQLInputField(GraphQLBoolean)
    return GraphQLInputObjectType(f"{name}Filter", fields)


_RANGE: Final = ("eq", "gt", "gte", "lt", "lte")
_LISTS: Final = ("hasAny", "hasAll")
_OF_ONE: Final = {
    sift.TEXT: _input("String", GraphQLString, _RANGE, ("in",)),
    sift.FIGURE: _input("Number", GraphQLFloat, _RANGE, ("in",)),
    sift.FLAG: _input("Boolean", GraphQLBoolean, ("eq",), ("in",)),
}
_OF_LISTS: Final = {
    sift.TEXT: _input("StringList", GraphQLString, (sift.HAS,), _LISTS),
    sift.FIGURE: _input("NumberList", GraphQLFloat, (sift.HAS,), _LISTS),
    sift.FLAG: _input("BooleanList", GraphQLBoolean, (sift.HAS,), _LISTS),
}
_LINK: Final = _input("Link", ITEM_ID, ("eq",), ("in",))
_LINKS: Final = _input("LinkList", ITEM_ID, (sift.HAS,), _LISTS)


def input_of(said: Property) -> GraphQLInputObjectType | None:
    """Return what may be asked of a property; None if nothing may."""
    keys, several = referred(said)
    items = said.get("items")
    if keys is not None:
        return _LINKS if several else _LINK
    if said.get(ASSET) is True:
        return _LINK
    if isinstance(items, Mapping) and items.get(ASSET) is True:
        return _LINKS
    return _OF_ONE.get(sift.kind_of(said)) or _OF_LISTS.get(sift.kind_held(said))


def asks(wanted: Wanted | None) -> tuple[Ask, ...]:
    """Return what is asked of properties; null asks nothing.

    Raises:
        GraphQLError: if it is too much.
    """
    found = tuple(
        Ask(name, _WORDS.get(op, op), _texts(value))
        for name, said in (wanted or {}).items()
        for op, value in (said or {}).items()
        if value is not None
    )
    if len(found) > MOST_ASKS:
        message = f"A filter asks at most {MOST_ASKS} things."
        raise GraphQLError(message, extensions={"code": "INVALID_REQUEST"})
    return found


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(_text, value)) if isinstance(value, list) else (_text(value),)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
