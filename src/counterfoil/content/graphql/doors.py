"""GraphQL over HTTP: `/graphql` for what is published, `/graphql/preview` for drafts.

By POST alone, and one query at a time; cookies count for nothing (CONTRACT: GraphQL).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import msgspec
from graphql import GraphQLError, GraphQLSchema

from counterfoil.access.surface import Surface
from counterfoil.content.graphql.engine import (
    Asking,
    NotUnderstood,
    answer,
    execute,
    refused,
    told,
    understood,
    writes,
)
from counterfoil.jsonapi.body import ANY_TYPE, Body, read_json
from counterfoil.jsonapi.dialect import Dialect
from counterfoil.jsonapi.fault import PLAIN, TITLE, Fault, Said
from counterfoil.jsonapi.given import Replayed
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, CounterfoilError, Invalid

ANY_JSON: Final = (PLAIN, ANY_TYPE)
"""A body is JSON whatever it is called, since the vendors' clients call it what they like."""

GRAPHQL_TYPE: Final = "application/graphql-response+json"
_TEXT: Final = {"type": "string"}


class Answered(Body, frozen=True):
    """What a query answers: data, or errors with a code each, or both."""

    data: dict[str, Any] | None = None
    errors: list[dict[str, Any]] | None = None
    extensions: Replayed | None = None


def _say(fault: Fault) -> Said:
    said = {"message": fault.detail or TITLE[fault.status]}
    extensions = {"code": str(fault.code), "request_id": fault.request_id}
    return Said(PLAIN, {"errors": [{**said, "extensions": extensions}]})


GRAPHQL: Final = Dialect(
    name="graphql",
    under=re.compile(r"/graphql(/|$)"),
    say=_say,
    errors={PLAIN: "GraphqlErrors"},
    schemas={
        "GraphqlErrors": {
            "type": "object",
            "required": ["errors"],
            "properties": {
                "errors": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["message"],
                        "properties": {"message": _TEXT, "extensions": {"type": "object"}},
                    },
                }
            },
        }
    },
    media=(PLAIN, GRAPHQL_TYPE),
    picky=False,
)


def ask(surface: Surface, asked: Asked) -> Answer:
    """Answer a query on one surface."""
    asking = read_json(asked.raw, Asking)
    with asked.read() as work:
        said = answer(work, surface, asking)
    return Answer(200, msgspec.json.encode(said))


def carry_out(schema: GraphQLSchema, asked: Asked, *, secret: bool = False) -> Answer:
    """Answer a query or a mutation of a schema that is the same for everybody.

    The fields of one mutation are one work: if any of them is refused, none has happened.

    Args:
        schema: whose resolvers find their `Work` in the context.
        asked: the request.
        secret: whether a mutation may answer a secret.
    """
    asking = read_json(asked.raw, Asking)
    try:
        document = understood(schema, asking.query)
    except CounterfoilError as error:
        return Answer(200, refused(error))
    except NotUnderstood as error:
        return Answer(200, {"errors": [one.formatted for one in error.errors]})
    changes = writes(document)
    with asked.work() if changes else asked.read() as work:
        result = execute(schema, document, asking, work)
        if changes and result.errors:
            raise _first(result.errors)
    return Answer(200, told(result), secret=secret and changes, again="extensions")


def _first(errors: Sequence[GraphQLError]) -> CounterfoilError:
    """Return why a mutation ends: nothing of it is kept."""
    for one in errors:
        if isinstance(one.original_error, CounterfoilError):
            return one.original_error
        if one.original_error is not None and not isinstance(one.original_error, GraphQLError):
            raise one.original_error
    return Invalid(Code.INVALID_FIELD, "This is not as the schema says.", field="/query")


def _route(path: str, surface: Surface, summary: str) -> Route:
    face = "preview" if surface is Surface.PREVIEW else "delivery"
    return Route(
        "POST",
        path,
        partial(ask, surface),
        f"{face}.models",
        summary,
        gives={200: Answered},
        takes=Asking,
        reads=ANY_JSON,
        example={"query": "{ __typename }"},
        dialect=GRAPHQL,
        section="GraphQL",
        also=(f"{face}.list", f"{face}.show"),
        lasting=True,
    )


ROUTES: Final = (
    _route("/graphql", Surface.DELIVERY, "Query what is published"),
    _route("/graphql/preview", Surface.PREVIEW, "Query drafts"),
)
