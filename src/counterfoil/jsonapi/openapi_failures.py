"""The failures of the OpenAPI document, as each dialect says them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final

from counterfoil.jsonapi.dialect import Dialect
from counterfoil.jsonapi.fault import TITLE, Fault, status_of
from counterfoil.jsonapi.route import Route
from counterfoil.kernel.errors import MEANING, Code

_REQUEST: Final = "5d2f9a0c7be14f6f8f0d3b6a1c2e4d7f"
_HEADERS: Final = {
    401: "WWW-Authenticate",
    403: "WWW-Authenticate",
    429: "Retry-After",
    503: "Retry-After",
}


def failures(dialects: Iterable[Dialect]) -> dict[str, Any]:
    """Return the response for each status, as each of these dialects says it."""
    return {
        f"{dialect.name}-{status}": _response(dialect, status)
        for dialect in dialects
        for status in TITLE
    }


def failure(route: Route, status: int, found: AbstractSet[Code]) -> dict[str, Any]:
    """Return the response of a route that fails with this status, by one of these codes."""
    meant = {code: text for code, text in _codes(status).items() if code in found}
    description = _described(status, meant)
    if not route.media.startswith("text/"):
        shared = f"#/components/responses/{route.dialect.name}-{status}"
        return {"$ref": shared, "description": description}
    said = _response(route.dialect, status)  # a browser gets its form again, with what went wrong
    said["content"][route.media] = {"schema": {"type": "string"}}
    return {**said, "description": description}


def _described(status: int, meant: Mapping[Code, str]) -> str:
    return "\n".join(
        (f"{TITLE[status]}.\n", *(f"* `{code}`: {text}" for code, text in meant.items()))
    )


def _response(dialect: Dialect, status: int) -> dict[str, Any]:
    headers = [_HEADERS[status]] if status in _HEADERS else []
    return {
        "description": _described(status, _codes(status)),
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
