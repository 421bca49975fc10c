"""How a failure looks from outside: the one table of statuses, and what every dialect says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from counterfoil.kernel.errors import (
    FAMILY,
    Code,
    Conflict,
    CounterfoilError,
    Denied,
    Invalid,
    Limited,
    Malformed,
    NotFound,
    Refused,
    Stale,
    Unconditional,
    Unserved,
)
from counterfoil.secret import redacted

STATUS: Final[Mapping[type[CounterfoilError], int]] = {
    Refused: 401,
    Denied: 403,
    NotFound: 404,
    Conflict: 409,
    Stale: 412,
    Invalid: 422,
    Malformed: 400,
    Unconditional: 428,
    Limited: 429,
    Unserved: 503,
}
"""The status of each family."""

EXCEPTION: Final[Mapping[Code, int]] = {
    Code.METHOD_NOT_ALLOWED: 405,
    Code.INVALID_ACCEPT_HEADER: 406,
    Code.BODY_TOO_LARGE: 413,
    Code.INVALID_CONTENT_TYPE_HEADER: 415,
    Code.RANGE_NOT_SATISFIABLE: 416,
    Code.INTERNAL_ERROR: 500,
    Code.NO_ROOM: 507,
}
"""The codes that have another status than their family."""

TITLE: Final[Mapping[int, str]] = {
    400: "The request is malformed",
    401: "The credential does not verify",
    403: "This is not allowed",
    404: "Not found",
    405: "This method is not for this address",
    406: "No media type that you accept",
    409: "The state of the thing does not allow it",
    412: "It has changed since you looked",
    413: "The body is too large",
    415: "The media type is not read here",
    416: "The file has no such part",
    422: "The request is wrong",
    428: "Say which version you looked at",
    429: "Too many requests",
    500: "Something broke",
    503: "Not ready",
    507: "The disk is full",
}

NATIVE: Final = "application/vnd.api+json"
PROBLEM: Final = "application/problem+json"
PLAIN: Final = "application/json"

REFERENCE: Final = "/docs/reference/errors"


@dataclass(frozen=True, slots=True)
class Fault:
    """A failure as any dialect may tell of it: of what looked like a secret, the hint is left (S9).

    Attributes:
        field: a JSON pointer to what is wrong in the body.
        accept: the Accept header, in lower case.
        language: the Accept-Language header.
        ask: the path of the page on which whoever asked may ask for more; empty for none.
    """

    status: int
    code: Code
    detail: str
    field: str | None
    meta: Mapping[str, Any]
    request_id: str
    accept: str = ""
    language: str = ""
    ask: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What a dialect makes of a failure: a media type, and a body for JSON, or one that is none."""

    media_type: str
    body: Mapping[str, Any]
    raw: bytes = b""


def status_of(code: Code) -> int:
    """Return the status that a code comes with."""
    return EXCEPTION.get(code) or STATUS[FAMILY[code]]


def fault(
    error: CounterfoilError, request_id: str, accept: str = "", language: str = "", ask: str = ""
) -> Fault:
    """Return what may be told of a failure."""
    return Fault(
        status_of(error.code),
        error.code,
        redacted(error.detail),
        None if error.field is None else redacted(error.field),
        {name: _clean(value) for name, value in error.meta.items()},
        request_id,
        accept.lower(),
        language,
        ask,
    )


def kept(**members: object) -> dict[str, Any]:
    """Return the members that say something."""
    return {name: value for name, value in members.items() if value}


def _clean(value: object) -> object:
    if isinstance(value, str):
        return redacted(value)
    if isinstance(value, Mapping):
        return {str(name): _clean(member) for name, member in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(member) for member in value]
    return value
