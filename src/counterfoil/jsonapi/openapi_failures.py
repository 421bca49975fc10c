"""The failures of the OpenAPI document: with which statuses a route fails, and how each looks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from counterfoil.jsonapi.dialect import Dialect
from counterfoil.jsonapi.fault import TITLE, Fault, status_of
from counterfoil.jsonapi.route import Route
from counterfoil.kernel.errors import MEANING, Code
from counterfoil.operation import Operation

_REQUEST: Final = "5d2f9a0c7be14f6f8f0d3b6a1c2e4d7f"
_HEADERS: Final = {
    401: "WWW-Authenticate",
    403: "WWW-Authenticate",
    429: "Retry-After",
    503: "Retry-After",
}


def statuses(route: Route, described: Operation | None) -> list[int]:
    """Return every status with which a route may fail."""
    acts = route.method != "GET" or (described is not None and not described.reads)
    expected = {400, 500, 503}
    if not route.open or acts or route.heeds:
        expected |= {401, 403, 429}
    if route.parts or route.takes is not None or any("filter" in one.name for one in route.query):
        expected.add(404)
    if route.dialect.picky and not route.media:
        expected.add(406)
    if HTTPStatus.PARTIAL_CONTENT in route.gives:
        expected.add(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
    if acts:
        expected |= {409, 413, 422}
    if route.takes is not None:
        expected.add(415)
    if route.versioned or route.conditional:
        expected.add(412)
    if route.conditional:
        expected.add(428)
    return sorted(expected)


def failures(dialects: Iterable[Dialect]) -> dict[str, Any]:
    """Return the response for each status, as each of these dialects says it."""
    return {
        f"{dialect.name}-{status}": _response(dialect, status)
        for dialect in dialects
        for status in TITLE
    }


def failure(route: Route, status: int) -> dict[str, Any]:
    """Return the response of a route that fails with this status."""
    if not route.media.startswith("text/"):
        return {"$ref": f"#/components/responses/{route.dialect.name}-{status}"}
    said = _response(route.dialect, status)  # a browser gets its form again, with what went wrong
    said["content"][route.media] = {"schema": {"type": "string"}}
    return said


def _response(dialect: Dialect, status: int) -> dict[str, Any]:
    headers = [_HEADERS[status]] if status in _HEADERS else []
    meant = "\n".join(f"* `{code}`: {text}" for code, text in _codes(status).items())
    return {
        "description": f"{TITLE[status]}.\n\n{meant}",
        "headers": {
            name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-Id", *headers)
        },
        "content": {
            media_type: {
                "schema": {"$ref": f"#/components/schemas/{name}"},
                "example": _sample(dialect, status, media_type),
            }
            for media_type, name in dialect.errors.items()
        },
    }


def _sample(dialect: Dialect, status: int, accept: str) -> Mapping[str, Any]:
    """Return a failure as the dialect itself says it."""
    code, detail = next(iter(_codes(status).items()))
    field = "/data/attributes/name" if code is Code.INVALID_FIELD else None
    return dialect.say(Fault(status, code, detail, field, {}, _REQUEST, accept)).body


def _codes(status: int) -> dict[Code, str]:
    """Return the codes that come with a status, with what each means."""
    return {
        code: text
        for codes in MEANING.values()
        for code, text in codes.items()
        if status_of(code) == status
    }
