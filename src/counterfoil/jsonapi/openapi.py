"""The OpenAPI document, made from the route table and the structs that the doors read with."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from counterfoil.jsonapi.datocms import API_VERSION, DATOCMS
from counterfoil.jsonapi.dialect import JSONAPI, Dialect
from counterfoil.jsonapi.fault import NATIVE, PLAIN, TITLE
from counterfoil.jsonapi.oauth import OAUTH
from counterfoil.jsonapi.route import Route, spoken_in
from counterfoil.operation import Operation

_PARAMETER: Final = re.compile(r"{([a-z_]+)}")
_WORD: Final = re.compile(r"[^A-Za-z0-9]+")
_NO_BODY: Final = frozenset({204, 303, 304})


def document(
    routes: Sequence[Route],
    operations: Mapping[str, Operation],
    *,
    version: str,
    server: str = "/",
) -> dict[str, Any]:
    """Describe these routes in OpenAPI 3.1."""
    taken = [route.takes for route in routes if route.takes is not None]
    given = [type_ for route in routes for type_ in route.gives.values() if type_ is not None]
    types = list(dict.fromkeys([*taken, *given]))
    schemas, components = msgspec.json.schema_components(
        types, ref_template="#/components/schemas/{name}"
    )
    schema_of = dict(zip(types, schemas, strict=True))
    spoken = (JSONAPI, *spoken_in(routes))
    errors = {name: said for dialect in spoken for name, said in dialect.schemas.items()}
    paths: dict[str, dict[str, Any]] = {}
    for route in sorted(routes, key=lambda route: (route.path, route.method)):
        said = _operation(route, operations.get(route.operation), schema_of)
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
        "tags": [{"name": name} for name in sorted({_section(route) for route in routes})],
        "paths": paths,
        "components": {
            "schemas": {**components, **errors},
            "responses": {
                f"{dialect.name}-{status}": {
                    "description": title,
                    "content": _error_content(dialect),
                }
                for dialect in spoken
                for status, title in TITLE.items()
            },
            "securitySchemes": _SCHEMES,
        },
    }


def statuses(route: Route) -> list[int]:
    """Return every status with which a route may fail."""
    expected = {400, 404, 429, 500, 503}
    if 206 in route.gives:  # noqa: PLR2004 - a part of a file
        expected.add(416)
    if route.dialect.picky and not route.media:
        expected.add(406)
    if not route.open or route.dialect is OAUTH or route.method != "GET":
        expected |= {401, 403}
    if route.method != "GET":
        expected |= {409, 413, 415, 422}
    if route.method != "GET" and not route.open:
        expected |= {412, 428}
    return sorted(expected)


def _operation(
    route: Route, described: Operation | None, schema_of: Mapping[type, Any]
) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": _WORD.sub("-", f"{route.method.lower()}{route.path}").strip("-"),
        "summary": route.summary,
        "tags": [_section(route)],
        "parameters": _parameters(route),
        "responses": _responses(route, schema_of),
        "security": [] if route.open else _security(described),
    }
    if described is not None:
        said["x-operation"] = {
            "name": route.operation,
            "scope": described.requires and str(described.requires),
            "credentials": sorted(str(method) for method in described.methods),
            "surface": described.surface and str(described.surface),
        }
    if route.takes is not None:
        schema = schema_of[route.takes]
        said["requestBody"] = {
            "required": True,
            "content": {name: {"schema": schema} for name in (PLAIN, NATIVE)},
        }
    if route.streams:
        said["requestBody"] = {"required": True, "content": {"*/*": {}}}
    return said


def _section(route: Route) -> str:
    return route.section or route.path.split("/")[1].replace("_", " ").capitalize()


def _parameters(route: Route) -> list[dict[str, Any]]:
    text = {"type": "string"}
    said: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {**text, "minLength": 1}}
        for name in _PARAMETER.findall(route.path)
    ]
    said += [{"name": name, "in": "query", "schema": _query_schema(name)} for name in route.query]
    if route.dialect is DATOCMS:
        said.append(_header("X-Api-Version", {**text, "enum": [API_VERSION]}))
    if route.idempotent:
        key = {**text, "minLength": 16, "maxLength": 255, "pattern": r"^[\x21-\x7e]+$"}
        said.append(_header("Idempotency-Key", key))
    if route.conditional:
        said.append(_header("If-Match", {**text, "pattern": '^"[0-9]{1,15}"$'}, required=True))
    if not route.open:
        said.append(_header("Counterfoil-Organization", {**text, "pattern": "^[0-9]{16}$"}))
    return said


def _header(name: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "schema": schema}


def _query_schema(name: str) -> dict[str, Any]:
    if name in {"page[size]", "page[limit]"}:
        return {"type": "integer", "minimum": 1, "maximum": 100}
    if name == "page[offset]":
        return {"type": "integer", "minimum": 0}
    return {"type": "string"}


def _responses(route: Route, schema_of: Mapping[type, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for status, type_ in route.gives.items():
        response: dict[str, Any] = {"description": _SUCCESS.get(status, "Done")}
        if status not in _NO_BODY:
            schema = {} if type_ is None else schema_of[type_]
            response["content"] = {name: {"schema": schema} for name in _media(route)}
        said[str(status)] = response
    for status in statuses(route):
        said.setdefault(str(status), _failure(route, status))
    return dict(sorted(said.items()))


def _failure(route: Route, status: int) -> dict[str, Any]:
    if not route.media:
        return {"$ref": f"#/components/responses/{route.dialect.name}-{status}"}
    content = {**_error_content(route.dialect), route.media: {}}  # a form, with what went wrong
    return {"description": TITLE[status], "content": content}


def _error_content(dialect: Dialect) -> dict[str, Any]:
    """Return the media types in which a dialect fails, each with its schema."""
    return {
        media_type: {"schema": {"$ref": f"#/components/schemas/{name}"}}
        for media_type, name in dialect.errors.items()
    }


def _media(route: Route) -> tuple[str, ...]:
    if route.media:
        return (route.media,)
    return route.dialect.media


def _security(described: Operation | None) -> list[dict[str, list[str]]]:
    if described is None:
        return [{"token": []}]
    methods = {str(method) for method in described.methods}
    both: list[dict[str, list[str]]] = [{"session": []}] if "session" in methods else []
    return [*both, {"token": []}] if methods - {"session"} else both


_SUCCESS: Final = {
    200: "As asked",
    201: "Made",
    202: "Waits for approval",
    204: "Done, and nothing more to say",
    303: "Look there",
}

_SCHEMES: Final[dict[str, Any]] = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A personal, service or exchanged token.",
    },
    "session": {
        "type": "oauth2",
        "description": "A person who signed in. What mints personal tokens takes nothing else.",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": "/oauth/authorize",
                "tokenUrl": "/oauth/token",
                "refreshUrl": "/oauth/token",
                "scopes": {},
            },
        },
    },
    "pair": {
        "type": "oauth2",
        "description": "A key and secret, which obtain a short-lived token.",
        "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": {}}},
    },
}
