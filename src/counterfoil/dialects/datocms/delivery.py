"""DatoCMS's delivery API at `/datocms/cda`: the house's GraphQL, drafts asked for by a header.

What is published takes the delivery surface, and drafts the preview surface alone (D9). The
vendor's client posts no media type, and counts any `errors` as a failure. It may also ask to leave
out what is not valid, which nothing here is, for links for editors, without which the content is
the same, and for cache tags: those headers are let pass. No tags are given, since nobody would be
told when one is stale; the client shows that there are none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from counterfoil.access.surface import Surface
from counterfoil.content.graphql import doors
from counterfoil.content.graphql.engine import Asking
from counterfoil.jsonapi.datocms import DATOCMS
from counterfoil.jsonapi.parameter import one_of
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Malformed

_DRAFTS: Final = "x-include-drafts"


def asked_for(asked: Asked) -> Answer:
    """Answer POST /datocms/cda: what is published, or drafts with `X-Include-Drafts: true`."""
    drafts = asked.headers.get(_DRAFTS, "false").lower()
    if drafts not in {"true", "false"}:
        raise Malformed(detail="X-Include-Drafts is true or false.")
    return doors.ask(Surface.PREVIEW if drafts == "true" else Surface.DELIVERY, asked)


ROUTES: Final = (
    Route(
        "POST",
        "/datocms/cda",
        asked_for,
        "delivery.models",
        "Query what is published, or drafts",
        gives={200: doors.Answered},
        takes=Asking,
        reads=doors.ANY_JSON,
        example={"query": "{ __typename }"},
        asks=(replace(one_of(_DRAFTS, "Drafts?", ("true", "false")), example="false"),),
        dialect=DATOCMS,
        section="DatoCMS content",
        also=("delivery.list", "delivery.show", "preview.list", "preview.show"),
        instead=("preview.models",),
    ),
)
