"""Running GraphQL: read, measured, checked against the caller's schema, and carried out.

Schemas are kept by the content types that they show, documents by the schema and their text, so
that a query which comes again is only carried out.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, TypeAlias

import msgspec
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    execute_sync,
    parse,
    validate,
)

from counterfoil.access.surface import Surface
from counterfoil.content import read
from counterfoil.content.graphql.limits import (
    COMMENTS,
    MOST_VALUES,
    SOURCE_CHARS,
    TOKENS,
    TooMuch,
    require_small,
)
from counterfoil.content.graphql.records import Lookup
from counterfoil.content.graphql.schema import build
from counterfoil.content.model import ContentType
from counterfoil.jsonapi.body import Body
from counterfoil.kernel.errors import Code, CounterfoilError, Denied, Malformed
from counterfoil.operation import Work

_SCHEMAS: Final = 128
_DOCUMENTS: Final = 1_024
_MOST_ERRORS: Final = 5

Fingerprint: TypeAlias = tuple[ContentType, ...]


class Asking(Body, frozen=True):
    """A query as it comes: one, never a list of them."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = msgspec.field(default=None, name="operationName")
    extensions: dict[str, Any] | None = None


def answer(work: Work, surface: Surface, asking: Asking) -> dict[str, Any]:
    """Carry a query out for the caller, on one surface.

    What the query gets wrong, and what it may not see, stands under `errors`; only what the caller
    may not do at all is raised.

    Raises:
        Denied: API_NOT_ENABLED_FOR_TOKEN or INSUFFICIENT_SCOPE.
    """
    models = read.list_draft_models if surface is Surface.PREVIEW else read.list_models
    readable = tuple(models(work))
    try:
        schema = schema_of(readable)
        document = understood(schema, asking.query)
        if writes(document):
            raise Malformed(detail="Here one only asks.")
    except CounterfoilError as error:
        return refused(error)
    except NotUnderstood as error:
        return {"errors": [one.formatted for one in error.errors]}
    try:
        return told(execute(schema, document, asking, Lookup(work, surface)))
    except TooMuch:
        return refused(Malformed(detail=f"An answer has at most {MOST_VALUES} values."))


def execute(
    schema: GraphQLSchema, document: DocumentNode, asking: Asking, context: object
) -> ExecutionResult:
    """Carry out a document that is understood."""
    return execute_sync(
        schema,
        document,
        context_value=context,
        variable_values=asking.variables,
        operation_name=asking.operation_name,
        max_coercion_errors=_MOST_ERRORS,
        hide_suggestions=True,
    )


def told(result: ExecutionResult) -> dict[str, Any]:
    """Return what is answered: data, and errors if there are any."""
    said: dict[str, Any] = {} if result.data is None else {"data": result.data}
    if result.errors:
        said["errors"] = [_plain(one) for one in result.errors]
    return said


@lru_cache(maxsize=_SCHEMAS)
def schema_of(models: Fingerprint) -> GraphQLSchema:
    """Return the schema that shows these content types.

    Raises:
        Denied: if there is nothing to show.
    """
    if not models:
        raise Denied(Code.INSUFFICIENT_ROLE, "There is no content type that you may read here.")
    return build(models)


@lru_cache(maxsize=_DOCUMENTS)
def understood(schema: GraphQLSchema, query: str) -> DocumentNode:
    """Return a query that is small enough and fits the schema."""
    try:
        document = parse(
            query,
            no_location=True,
            max_lexical_tokens=TOKENS,
            max_comments=COMMENTS,
            max_source_length=SOURCE_CHARS,
        )
    except GraphQLSyntaxError as error:
        raise NotUnderstood([error]) from None
    except RecursionError:
        raise Malformed(detail="This query is nested too deeply.") from None
    require_small(document)
    if errors := validate(schema, document, max_errors=_MOST_ERRORS, hide_suggestions=True):
        raise NotUnderstood(errors)
    return document


class NotUnderstood(Exception):
    """The query is no GraphQL, or asks for what the schema lacks."""

    def __init__(self, errors: list[Any]) -> None:
        super().__init__(len(errors))
        self.errors = errors


def writes(document: DocumentNode) -> bool:
    """Say whether any operation of a document is other than a query."""
    return any(
        one.operation.value != "query"
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode)
    )


def _plain(error: GraphQLError) -> dict[str, Any]:
    """Say an error of a resolver; what was none of ours to tell is told to nobody."""
    said = dict(error.formatted)
    if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
        raise error.original_error
    return said


def refused(error: CounterfoilError) -> dict[str, Any]:
    """Return what is answered to a query of which nothing is carried out."""
    said = {"message": error.detail or str(error.code), "extensions": {"code": str(error.code)}}
    return {"errors": [said]}
