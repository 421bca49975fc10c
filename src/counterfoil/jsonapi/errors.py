"""How a failure looks from outside: the one table of statuses, and three ways of saying it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from counterfoil.jsonapi.route import Dialect
from counterfoil.kernel.errors import (
    Code,
    Conflict,
    CounterfoilError,
    Denied,
    Invalid,
    Malformed,
    NotFound,
    Refused,
    Stale,
    Unconditional,
)

STATUS: Final[Mapping[type[CounterfoilError], int]] = {
    Refused: 401,
    Denied: 403,
    NotFound: 404,
    Conflict: 409,
    Stale: 412,
    Invalid: 422,
    Malformed: 400,
    Unconditional: 428,
}
"""The status of each family."""

EXCEPTION: Final[Mapping[Code, int]] = {
    Code.METHOD_NOT_ALLOWED: 405,
    Code.INVALID_ACCEPT_HEADER: 406,
    Code.BODY_TOO_LARGE: 413,
    Code.INVALID_CONTENT_TYPE_HEADER: 415,
    Code.RATE_LIMIT_EXCEEDED: 429,
    Code.INTERNAL_ERROR: 500,
    Code.NOT_READY: 503,
}
"""The codes that the doors alone say, each with its own status."""

TITLE: Final[Mapping[int, str]] = {
    400: "The request cannot be read",
    401: "The credential does not verify",
    403: "This is not allowed",
    404: "There is no such thing",
    405: "This method is not for this address",
    406: "No media type that you accept",
    409: "The state of the thing does not allow it",
    412: "It has changed since you looked",
    413: "The body is too large",
    415: "The media type is not read here",
    422: "The request is wrong",
    428: "Say which version you looked at",
    429: "Too many requests",
    500: "Something broke",
    503: "Not ready",
}

NATIVE: Final = "application/vnd.api+json"
PROBLEM: Final = "application/problem+json"
PLAIN: Final = "application/json"

REFERENCE: Final = "/docs/reference/errors"
_SECRET: Final = re.compile(r"[a-z]{2,8}[psxork]_[0-9A-Za-z]{43,}")
_TRANSIENT: Final = frozenset({429, 503})


class Unserved(CounterfoilError):
    """The house cannot answer now: it is not ready, or something broke."""

    default = Code.NOT_READY


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure on its way out: its status, media type and body."""

    status: int
    media_type: str
    body: dict[str, Any]


def status_of(error: CounterfoilError) -> int:
    """Return the status of a failure."""
    if error.code in EXCEPTION:
        return EXCEPTION[error.code]
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 503)


def failure(
    error: CounterfoilError, dialect: Dialect, request_id: str, accept: str = ""
) -> Failure:
    """Say what failed, in the way that the address and the Accept header ask for."""
    status = status_of(error)
    detail = _SECRET.sub("…", error.detail)
    field = None if error.field is None else _SECRET.sub("…", error.field)
    meta = {name: _clean(value) for name, value in error.meta.items()}
    if dialect is Dialect.DATOCMS:
        details = {**meta, "code": str(error.code), **_kept(message=detail, field=field)}
        return Failure(status, PLAIN, _datocms(status, error.code, details, request_id))
    if dialect is Dialect.OAUTH:
        return Failure(status, PLAIN, _oauth(status, error.code, detail, meta))
    said: dict[str, Any] = {"code": str(error.code), "title": TITLE[status]}
    if PROBLEM in accept.lower():
        said = {"type": f"{REFERENCE}#{error.code}", **said, "status": status}
        said["instance"] = f"urn:counterfoil:request:{request_id}"
        source = {} if field is None else {"errors": [{"detail": detail, "pointer": f"#{field}"}]}
        return Failure(status, PROBLEM, {**said, **_kept(detail=detail), **source, **meta})
    said = {"id": request_id, "status": str(status), **said, **_kept(detail=detail, meta=meta)}
    said["links"] = {"type": f"{REFERENCE}#{error.code}"}
    if field is not None:
        said["source"] = {"pointer": field}
    elif "parameter" in meta:
        said["source"] = {"parameter": meta["parameter"]}
    wants_native = NATIVE in accept.lower()
    return Failure(status, NATIVE if wants_native else PLAIN, {"errors": [said]})


_VENDOR_CODE: Final = {401: "INVALID_AUTHORIZATION_HEADER", 403: "INSUFFICIENT_PERMISSIONS"}


def _datocms(status: int, code: Code, details: dict[str, Any], request_id: str) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "code": _VENDOR_CODE.get(status, str(code)),
        "doc_url": f"{REFERENCE}#{code}",
        "details": details,
    }
    if status in _TRANSIENT:
        attributes["transient"] = True
    return {"data": [{"id": request_id, "type": "api_error", "attributes": attributes}]}


_OAUTH_ERROR: Final = {
    401: "invalid_client",
    403: "access_denied",
    405: "invalid_request",
    429: "slow_down",
    500: "server_error",
    503: "temporarily_unavailable",
}


def _oauth(status: int, code: Code, detail: str, meta: dict[str, Any]) -> dict[str, Any]:
    error = meta.get("error") or _OAUTH_ERROR.get(status, "invalid_request")
    return {"error": error, **_kept(error_description=_quotable(detail)), "code": str(code)}


def _kept(**members: object) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value}


def _quotable(text: str) -> str:
    """Keep to the characters that RFC 6749 §5.2 allows in a description."""
    return "".join(c if " " <= c <= "~" and c not in '"\\' else "'" for c in text)


def _clean(value: object) -> object:
    if isinstance(value, str):
        return _SECRET.sub("…", value)
    if isinstance(value, Mapping):
        return {str(name): _clean(member) for name, member in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(member) for member in value]
    return value
