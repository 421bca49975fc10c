"""What there is to ask of a GraphQL schema: the whole of it as text, and a query to begin with."""

from __future__ import annotations

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    print_schema,
)

from counterfoil.access.surface import Surface
from counterfoil.content import read
from counterfoil.content.graphql.engine import schema_of
from counterfoil.operation import Work

_FEW: int = 6


def schema_for(work: Work, surface: Surface) -> GraphQLSchema:
    """Return the schema as the caller sees it on one surface.

    Raises:
        Denied: if there is nothing that they may read there.
    """
    models = read.list_draft_models if surface is Surface.PREVIEW else read.list_models
    return schema_of(tuple(models(work)))


def written(schema: GraphQLSchema) -> str:
    """Return a schema in the language of schemas (GraphQL §3)."""
    return print_schema(schema)


def first_query(schema: GraphQLSchema) -> str:
    """Return a query that this schema answers: some records of its first type, and how many."""
    top = schema.query_type.fields if schema.query_type else {}
    name = next((one for one in top if one.startswith("all")), "")
    if not name:
        return "{ __typename }"
    record = get_named_type(top[name].type)
    fields = record.fields if isinstance(record, GraphQLObjectType) else {}
    plain = [one for one, field in fields.items() if _is_plain(field)][:_FEW]
    lines = "".join(f"    {one}\n" for one in plain or ["__typename"])
    return f"{{\n  {name}(first: 3) {{\n{lines}  }}\n  _{name}Meta {{ count }}\n}}"


def _is_plain(field: GraphQLField) -> bool:
    needed = any(is_required_argument(one) for one in field.args.values())
    return is_leaf_type(get_named_type(field.type)) and not needed
