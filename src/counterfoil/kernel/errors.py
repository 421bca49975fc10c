"""Every failure that Counterfoil raises on purpose.

* CounterfoilError
  + Refused           the credential does not verify          (401)
  + Denied            verified, but may not do that there     (403)
  + NotFound          no such thing, or none you may see      (404)
  + Conflict          the thing is not in a state for it      (409)
    - Stale           it changed since you looked             (412)
  + Invalid           the request itself is wrong             (422)
    - Malformed       it cannot even be read                  (400)
    - Unconditional   it must say what it looked at           (428)

The statuses stand in one table, `counterfoil.jsonapi.errors.STATUS`: nothing else in the house
knows a status code. The codes stand in `Code`: stable, documented, and part of the public API.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Final


class Code(StrEnum):
    """The machine-readable name of a failure, the same on every surface."""

    # Refused
    MISSING_AUTHORIZATION_HEADER = "MISSING_AUTHORIZATION_HEADER"
    INVALID_TOKEN = "INVALID_TOKEN"  # noqa: S105 - a code, no secret
    TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105 - a code, no secret
    TOKEN_DISABLED = "TOKEN_DISABLED"  # noqa: S105 - a code, no secret
    TOKEN_PENDING_APPROVAL = "TOKEN_PENDING_APPROVAL"  # noqa: S105 - a code, no secret
    TOKEN_HAS_NO_USER = "TOKEN_HAS_NO_USER"  # noqa: S105 - a code, no secret
    OWNER_DEACTIVATED = "OWNER_DEACTIVATED"
    WRONG_PASSWORD = "WRONG_PASSWORD"  # noqa: S105 - a code, no secret

    # Denied
    INSUFFICIENT_SCOPE = "INSUFFICIENT_SCOPE"
    INSUFFICIENT_ROLE = "INSUFFICIENT_ROLE"
    OUTSIDE_ROOT_NODES = "OUTSIDE_ROOT_NODES"
    API_NOT_ENABLED_FOR_TOKEN = "API_NOT_ENABLED_FOR_TOKEN"  # noqa: S105 - a code, no secret
    CREDENTIAL_KIND_NOT_ADMITTED = "CREDENTIAL_KIND_NOT_ADMITTED"
    PAT_CANNOT_CREATE_PAT = "PAT_CANNOT_CREATE_PAT"
    PAT_CANNOT_MANAGE_USERS = "PAT_CANNOT_MANAGE_USERS"
    NOT_A_MEMBER = "NOT_A_MEMBER"
    OWN_REQUEST = "OWN_REQUEST"
    STEP_UP_REQUIRED = "STEP_UP_REQUIRED"
    POLICY_BLOCKED = "POLICY_BLOCKED"

    # NotFound
    NOT_FOUND = "NOT_FOUND"

    # Conflict
    CONFLICT = "CONFLICT"
    TOKEN_QUOTA_EXCEEDED = "TOKEN_QUOTA_EXCEEDED"  # noqa: S105 - a code, no secret
    TOKEN_FINAL = "TOKEN_FINAL"  # noqa: S105 - a code, no secret
    REQUEST_CLOSED = "REQUEST_CLOSED"
    NAME_TAKEN = "NAME_TAKEN"
    LAST_ADMIN = "LAST_ADMIN"
    IN_USE = "IN_USE"
    IDEMPOTENCY_IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"
    STALE_VERSION = "STALE_VERSION"

    # Invalid
    INVALID_FIELD = "INVALID_FIELD"
    SCOPE_ABOVE_ROLE = "SCOPE_ABOVE_ROLE"
    LIFETIME_ABOVE_POLICY = "LIFETIME_ABOVE_POLICY"
    EXPIRATION_CANNOT_BE_EXTENDED = "EXPIRATION_CANNOT_BE_EXTENDED"
    NON_EDITABLE_ACCESS_TOKEN = "NON_EDITABLE_ACCESS_TOKEN"  # noqa: S105 - a code, no secret
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    INVALID_API_VERSION = "INVALID_API_VERSION"
    INVALID_REQUEST = "INVALID_REQUEST"
    INVALID_JSON_BODY = "INVALID_JSON_BODY"
    PRECONDITION_REQUIRED = "PRECONDITION_REQUIRED"

    # Said by the doors alone
    RATE_LIMIT_EXCEEDED = "RATE_LIMIT_EXCEEDED"
    INVALID_CONTENT_TYPE_HEADER = "INVALID_CONTENT_TYPE_HEADER"
    INVALID_ACCEPT_HEADER = "INVALID_ACCEPT_HEADER"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    NOT_READY = "NOT_READY"
    INTERNAL_ERROR = "INTERNAL_ERROR"


_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class CounterfoilError(Exception):
    """Base of every error raised on purpose.

    `detail` is a sentence for a person and never holds a secret; `field` is the JSON pointer of
    what is wrong (`/data/attributes/name`); `meta` holds figures and names for a program.
    """

    default: ClassVar[Code]

    def __init__(
        self,
        code: Code | None = None,
        detail: str = "",
        *,
        field: str | None = None,
        meta: Mapping[str, Any] = _NOTHING,
    ) -> None:
        self.code = code or self.default
        self.detail = detail
        self.field = field
        self.meta = meta
        self.recorded = False  # whether the audit trail holds it already
        super().__init__(f"{self.code}: {detail}" if detail else str(self.code))


class Refused(CounterfoilError):
    """The presented credential does not verify."""

    default = Code.INVALID_TOKEN


class Denied(CounterfoilError):
    """The credential verifies, but it may not do that there."""

    default = Code.INSUFFICIENT_SCOPE


class NotFound(CounterfoilError):
    """No such thing, or none that this caller may know of."""

    default = Code.NOT_FOUND


class Conflict(CounterfoilError):
    """The thing exists, but is not in a state for this."""

    default = Code.CONFLICT


class Stale(Conflict):
    """The thing has changed since the caller looked at it."""

    default = Code.STALE_VERSION


class Invalid(CounterfoilError):
    """The request itself is wrong and would be wrong at any time."""

    default = Code.INVALID_FIELD


class Malformed(Invalid):
    """The request cannot even be read."""

    default = Code.INVALID_REQUEST


class Unconditional(Invalid):
    """The request must name the version that it decides upon (RFC 6585 §3)."""

    default = Code.PRECONDITION_REQUIRED
