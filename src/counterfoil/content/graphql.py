"""GraphQL over HTTP: `/graphql` for what is published, `/graphql/preview` for drafts.

By POST alone, and one query at a time. The body is JSON whatever its media type says, since the
vendors' clients say what they like; cookies count for nothing (CONTRACT: GraphQL).
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Final

from counterfoil.access.surface import Surface
from counterfoil.content.graphql_engine import Asking, answer
from counterfoil.jsonapi.body import Body, read_json
from counterfoil.jsonapi.dialect import Dialect
from counterfoil.jsonapi.fault import PLAIN, TITLE, Fault, Said
from counterfoil.jsonapi.route import Answer, Asked, Route

GRAPHQL_TYPE: Final = "application/graphql-response+json"
_TEXT: Final = {"type": "string"}


class Answered(Body, frozen=True):
    """What a query answers: data, or errors with a code each, or both."""

    data: dict[str, Any] | None = None
    errors: list[dict[str, Any]] | None = None


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
        return Answer(200, answer(work, surface, asking))


def _route(path: str, surface: Surface, summary: str) -> Route:
    face = "preview" if surface is Surface.PREVIEW else "delivery"
    return Route(
        "POST",
        path,
        partial(ask, surface),
        f"{face}.models",
        summary,
        takes=Asking,
        gives={200: Answered},
        dialect=GRAPHQL,
        section="GraphQL",
        also=(f"{face}.list", f"{face}.show"),
    )


ROUTES: Final = (
    _route("/graphql", Surface.DELIVERY, "Query what is published"),
    _route("/graphql/preview", Surface.PREVIEW, "Query drafts"),
)
