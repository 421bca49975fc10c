"""The OpenAPI document, made from the route table and the structs that the doors take and give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from counterfoil.gate.position import POSITION_HEADER
from counterfoil.jsonapi.dialect import JSONAPI
from counterfoil.jsonapi.openapi_failures import failures
from counterfoil.jsonapi.openapi_operation import operation
from counterfoil.jsonapi.openapi_security import SCHEMES
from counterfoil.jsonapi.route import Empty, Route, spoken_in
from counterfoil.operation import Operation

_TEXT: Final = {"type": "string"}
_HEADERS: Final[dict[str, Any]] = {
    "X-Request-Id": {
        "description": "By which this request stands in the audit trail and in the log.",
        "schema": _TEXT,
    },
    "Location": {"description": "Where it is.", "schema": _TEXT},
    POSITION_HEADER: {
        "description": "Where the feed stood when this was written, for `Counterfoil-At-Least`.",
        "schema": {"type": "integer"},
    },
    "Retry-After": {
        "description": "After how many seconds to try again.",
        "schema": {"type": "integer"},
    },
    "WWW-Authenticate": {
        "description": "What is wrong with the credential, after RFC 6750.",
        "schema": _TEXT,
    },
}


def document(
    routes: Sequence[Route],
    operations: Mapping[str, Operation],
    *,
    version: str,
    server: str = "/",
) -> dict[str, Any]:
    """Describe these routes in OpenAPI 3.1, save for what is a page and no more."""
    routes = [route for route in routes if not route.page]
    types = list(dict.fromkeys(type_ for route in routes for type_ in _types(route)))
    schemas, components = msgspec.json.schema_components(
        types, ref_template="#/components/schemas/{name}"
    )
    schema_of = dict(zip(types, schemas, strict=True))
    spoken = (JSONAPI, *spoken_in(routes))
    errors = {name: said for dialect in spoken for name, said in dialect.schemas.items()}
    paths: dict[str, dict[str, Any]] = {}
    for route in sorted(routes, key=lambda route: (route.path, route.method)):
        said = operation(route, route.performs(operations), schema_of.__getitem__)
        paths.setdefault(route.path, {})[route.method.lower()] = said
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Counterfoil",
            "version": version,
            "summary": "Access tokens: issue, approve, scope, verify, revoke and audit.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": server}],
        "tags": [{"name": name} for name in sorted({route.section for route in routes})],
        "paths": paths,
        "components": {
            "schemas": {**components, **errors},
            "headers": _HEADERS,
            "responses": failures(spoken),
            "securitySchemes": SCHEMES,
        },
    }


def _types(route: Route) -> list[type]:
    """Return what a route takes and gives."""
    return [
        type_ for type_ in (route.takes, *route.gives.values()) if type_ not in {None, Empty, bytes}
    ]
