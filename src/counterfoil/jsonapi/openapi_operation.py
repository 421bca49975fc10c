"""One operation of the OpenAPI document: what a route takes, and all that it may answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from counterfoil.gate.position import POSITION_HEADER
from counterfoil.jsonapi.body import ANY_TYPE
from counterfoil.jsonapi.effect import PREFER, may_defer
from counterfoil.jsonapi.fault import status_of
from counterfoil.jsonapi.openapi_codes import codes
from counterfoil.jsonapi.openapi_failures import failure
from counterfoil.jsonapi.openapi_security import security
from counterfoil.jsonapi.parameter import SAMPLE, Parameter
from counterfoil.jsonapi.route import Empty, Route
from counterfoil.operation import Operation

Schema: TypeAlias = Callable[[type], Any]
"""Returns the JSON Schema of a type that a route takes or gives."""

_WORD: Final = re.compile(r"[^A-Za-z0-9]+")
_KEY: Final = {"type": "string", "minLength": 16, "maxLength": 255, "pattern": r"^[\x21-\x7e]+$"}
_TAG: Final = {"type": "string", "pattern": '^"[0-9]{1,15}"$'}

_IDEMPOTENCY: Final = Parameter(
    "Idempotency-Key",
    "Makes it happen once: for 24 hours the same key gets the same answer again, without a secret.",
    _KEY,
    "d3b07384-d9a0-4c9b",
)
_IF_MATCH: Final = Parameter(
    "If-Match", "The ETag of what you looked at; if it has changed since, nothing is done.", _TAG,
    '"1"',
)  # fmt: skip
_ORGANIZATION: Final = Parameter(
    "Counterfoil-Organization",
    "In which of your organizations you ask, for credentials that are good in several.",
    {"type": "string", "pattern": "^(org_)?[0-9]{16}$"},
    SAMPLE,
)

_SUCCESS: Final = {
    200: "As asked.",
    201: "Made.",
    202: "Waits for approval.",
    204: "Done, and nothing more to say.",
    206: "The part that was asked for.",
    303: "Look there.",
    304: "You hold it already.",
}
_LATE: Final = "Done, and holds everywhere from the instant that it says."
_HEADERS: Final = {201: ("Location",), 202: ("Location",), 303: ("Location",)}


def operation(route: Route, doings: Sequence[Operation], schema: Schema) -> dict[str, Any]:
    """Describe a route, and what it performs; what is asked of its caller is said of the first."""
    described = doings[0] if doings else None
    said: dict[str, Any] = {
        "operationId": _WORD.sub("-", f"{route.method.lower()}{route.path}").strip("-"),
        "summary": route.summary,
        "tags": [route.section],
        "parameters": _parameters(route, doings),
        "responses": _responses(route, doings, schema),
        "security": security(route, described),
    }
    if described is not None and not route.open:
        said["description"] = _terms(described)
        said["x-operation"] = {
            "name": route.operation,
            "scope": described.requires and str(described.requires),
            "credentials": sorted(map(str, described.methods)),
            "surface": described.surface and str(described.surface),
        }
    if route.streams:
        said["requestBody"] = {"required": True, "content": {ANY_TYPE: {"schema": {}}}}
    if route.takes is not None:
        content = {"schema": schema(route.takes), "example": route.example}
        said["requestBody"] = {
            "required": not route.optional,
            "content": dict.fromkeys(route.reads, content),
        }
    return said


def _terms(described: Operation) -> str:
    """Say who may do it, in a sentence."""
    methods = " or ".join(sorted(map(str, described.methods)))
    said = [f"Open to: {methods}."]
    if described.requires is not None:
        whose = ", for what is not your own" if described.owner else ""
        said.append(f"Needs the scope `{described.requires}`{whose}.")
    if described.surface is not None:
        said.append(f"A token needs the {described.surface} surface.")
    return " ".join(said)


def _parameters(route: Route, doings: Sequence[Operation]) -> list[dict[str, Any]]:
    said = [{**_said(one, "path"), "required": True} for one in route.parts]
    said += [_said(one, "query") for one in route.query]
    headers = [*route.dialect.asks, *route.asks]
    if route.idempotent:
        headers.append(_IDEMPOTENCY)
    if _may_defer(route, doings):
        headers.append(PREFER)
    if not route.open:
        headers.append(_ORGANIZATION)
    said += [_said(one, "header") for one in headers]
    if route.versioned or route.conditional:
        said.append({**_said(_IF_MATCH, "header"), "required": route.conditional})
    return said


def _reads(doings: Sequence[Operation]) -> bool:
    return all(doing.reads for doing in doings)


def _may_defer(route: Route, doings: Sequence[Operation]) -> bool:
    """Say whether an answer may leave before a change holds everywhere: a look changes nothing."""
    return route.method != "GET" and not _reads(doings) and may_defer(route)


def _said(one: Parameter, where: str) -> dict[str, Any]:
    said: dict[str, Any] = {"name": one.name, "in": where, "description": one.says}
    schema = dict(one.schema)
    if one.family:
        schema = {"type": "object", "additionalProperties": schema}
        said |= {"style": "deepObject", "explode": True}
    if one.many:
        schema = {"type": "array", "items": schema}
        said |= {"style": "form", "explode": False}
    said |= {"required": one.required, "schema": schema}
    if one.example is not None:
        said["example"] = one.example
    return said


def _responses(route: Route, doings: Sequence[Operation], schema: Schema) -> dict[str, Any]:
    said: dict[str, Any] = {}
    position = () if _reads(doings) else (POSITION_HEADER,)
    gives = dict(route.gives)
    if _may_defer(route, doings):
        gives[202] = gives[200]
    for status, type_ in gives.items():
        late = status not in route.gives
        names = ("X-Request-Id", *position, *(() if late else _HEADERS.get(status, ())))
        response: dict[str, Any] = {
            "description": _LATE if late else _SUCCESS[status],
            "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        }
        if type_ not in {None, Empty}:
            media = (route.media,) if route.media else route.dialect.media
            said_of = {} if type_ is bytes else {"schema": schema(type_)}
            response["content"] = dict.fromkeys(media, said_of)
        said[str(status)] = response
    found = codes(route, doings)
    for status in sorted({status_of(code) for code in found}):
        said.setdefault(str(status), failure(route, status, found))
    return dict(sorted(said.items()))
