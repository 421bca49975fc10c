"""A GraphQL schema for the content types that a caller may read, in the manner of DatoCMS's.

A content type `article` is the type `ArticleRecord`, asked for as `article(id)`, `allArticles` and
`_allArticlesMeta`. What the caller may not read is absent, not null (S40). Of two content types
whose names come to one here, as `page` and `page_` do, the second gets an underscore to its own.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import replace
from typing import Final

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
)

from counterfoil.content.graphql.fields import (
    INTEGER,
    ITEM_ID,
    OWN,
    Info,
    Property,
    chosen,
    content,
    named_in,
    page_of,
    plain,
    properties,
    reference,
    references,
    referred,
)
from counterfoil.content.graphql.filters import Wanted, asks, input_of
from counterfoil.content.graphql.records import Lookup, Record
from counterfoil.content.keywords import LOCALIZED
from counterfoil.content.model import ContentType, Kind
from counterfoil.content.store.wish import Order, Wish

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,100}")

ORDERS: Final = GraphQLEnumType(
    "RecordOrderBy",
    {
        f"{name}_{way}": (order, way == "DESC")
        for name, order in (
            ("_createdAt", Order.CREATED_AT),
            ("_updatedAt", Order.UPDATED_AT),
            ("_slug", Order.SLUG),
        )
        for way in ("ASC", "DESC")
    },
)
META: Final = GraphQLObjectType(
    "CollectionMetadata", {"count": GraphQLField(GraphQLNonNull(INTEGER))}
)


def build(models: Sequence[ContentType]) -> GraphQLSchema:
    """Return the schema of these content types; there is at least one."""
    return GraphQLSchema(_Builder(models).query())


class _Builder:
    """Puts the types of one schema together; they refer to each other by api_key."""

    def __init__(self, models: Sequence[ContentType]) -> None:
        self._models = [one for one in models if _NAME.fullmatch(one.api_key)]
        self._taken: set[str] = set()
        self._records = {one.api_key: self._record(one) for one in self._models}
        self._unions: dict[tuple[str, ...], GraphQLUnionType] = {}
        self._filters: dict[str, GraphQLInputObjectType | None] = {}

    def query(self) -> GraphQLObjectType:
        """Return the type at the top."""
        fields: dict[str, GraphQLField] = {}
        for one in self._models:
            single, plural = _camel(one.api_key), f"all{_plural(_pascal(one.api_key))}"
            plural = _free(plural, fields)
            fields[_free(single, fields)] = self._one(one)
            fields[plural] = self._every(one)
            fields[f"_{plural}Meta"] = self._counted(one)
        return GraphQLObjectType("Query", fields)

    def _record(self, model: ContentType) -> GraphQLObjectType:
        return GraphQLObjectType(
            self._named(f"{_pascal(model.api_key)}Record"),
            lambda: self._fields(model),
            description=model.name,
            is_type_of=lambda value, _info: str(value.shown.node.content_type) == str(model.id),
        )

    def _fields(self, model: ContentType) -> dict[str, GraphQLField]:
        fields = dict(OWN)
        for name, said in properties(model).items():
            made = self._field(name, said)
            if _NAME.fullmatch(name) and name not in fields and made is not None:
                fields[name] = made
        return fields

    def _field(self, name: str, said: Property) -> GraphQLField | None:
        """Return the field of one property; None if it shows what the caller may not read."""
        arguments = {}
        if said.get(LOCALIZED):
            arguments["locale"] = GraphQLArgument(GraphQLString)
        keys, several = referred(said)
        if keys is None:
            return GraphQLField(plain(said), arguments, content(name, said))
        type_ = self._target(keys)
        if type_ is None:
            return None
        if several:
            listed = GraphQLNonNull(GraphQLList(GraphQLNonNull(type_)))
            return GraphQLField(listed, arguments, references(name, said))
        return GraphQLField(type_, arguments, reference(name, said))

    def _target(self, keys: tuple[str, ...]) -> GraphQLObjectType | GraphQLUnionType | None:
        """Return what a reference leads to: one type of record, or any of several."""
        readable = tuple(sorted(set(keys or self._records) & set(self._records)))
        if not readable:
            return None
        if len(readable) == 1:
            return self._records[readable[0]]
        if readable not in self._unions:
            name = "Or".join(_pascal(key) for key in readable) if keys else "Any"
            self._unions[readable] = GraphQLUnionType(
                self._named(f"{name}Record"), [self._records[key] for key in readable]
            )
        return self._unions[readable]

    def _named(self, name: str) -> str:
        name = _free(name, self._taken)
        self._taken.add(name)
        return name

    def _one(self, model: ContentType) -> GraphQLField:
        def resolve(_root: object, info: Info, id_: str) -> Record | None:
            lookup: Lookup = info.context
            return lookup.one(id_, str(model.id))

        wanted = GraphQLArgument(GraphQLNonNull(ITEM_ID), out_name="id_")
        return GraphQLField(self._records[model.api_key], {"id": wanted}, resolve)

    def _every(self, model: ContentType) -> GraphQLField:
        linking = {
            name for name, said in properties(model).items() if referred(said)[0] is not None
        }

        def resolve(
            _root: object,
            info: Info,
            first: int | None = None,
            skip: int | None = None,
            order_by: tuple[Order, bool] | None = None,
            wanted: Wanted | None = None,
        ) -> list[Record]:
            lookup: Lookup = info.context
            order, descending = order_by or (Order.CREATED_AT, False)
            wish = replace(_wish(model), order=order, descending=descending)
            page = lookup.page(wish, *page_of(first, skip), asks(wanted))
            if linked := linking & chosen(info):
                lookup.fetch(id_ for one in page for name in linked for id_ in named_in(one, name))
            return page

        arguments = {
            "first": GraphQLArgument(INTEGER),
            "skip": GraphQLArgument(INTEGER),
            "orderBy": GraphQLArgument(ORDERS, out_name="order_by"),
            **self._filter(model),
        }
        record = GraphQLNonNull(self._records[model.api_key])
        return GraphQLField(GraphQLNonNull(GraphQLList(record)), arguments, resolve)

    def _counted(self, model: ContentType) -> GraphQLField:
        def resolve(_root: object, info: Info, wanted: Wanted | None = None) -> dict[str, int]:
            lookup: Lookup = info.context
            return {"count": lookup.count(_wish(model), asks(wanted))}

        return GraphQLField(GraphQLNonNull(META), self._filter(model), resolve)

    def _filter(self, model: ContentType) -> dict[str, GraphQLArgument]:
        """Return the argument that filters: by properties that the caller may read."""
        if model.api_key not in self._filters:
            record = self._records[model.api_key]
            fields = {
                name: GraphQLInputField(given)
                for name, said in properties(model).items()
                if name in record.fields and name not in OWN
                if (given := input_of(said)) is not None
            }
            given = GraphQLInputObjectType(f"{record.name}Filter", fields) if fields else None
            self._filters[model.api_key] = given
        filter_ = self._filters[model.api_key]
        return {} if filter_ is None else {"filter": GraphQLArgument(filter_, out_name="wanted")}


def _wish(model: ContentType) -> Wish:
    return Wish(kinds=(Kind.ENTRY,), content_type=str(model.id))


def _free(name: str, taken: Container[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _pascal(api_key: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in api_key.split("_"))


def _camel(api_key: str) -> str:
    name = _pascal(api_key)
    return name[:1].lower() + name[1:]


def _plural(name: str) -> str:
    """Return the plural as English mostly makes it: articles, categories, boxes."""
    if re.search(r"[^aeiou]y$", name):
        return f"{name[:-1]}ies"
    return f"{name}es" if re.search(r"(s|x|z|ch|sh)$", name) else f"{name}s"
