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
  + Limited           too many requests                       (429)
  + Unserved          the house itself cannot answer          (503)

The statuses of failures stand in one table, `counterfoil.jsonapi.fault.STATUS`. The codes stand in
`Code`: stable, documented, and part of the public API. Each belongs to one family (`MEANING`), and
an exception of another family cannot be made with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Final, Self


class Code(StrEnum):
    """The machine-readable name of a failure, the same on every surface."""

    __hash__ = str.__hash__  # an enum's own is a function in Python, and each refusal asks it

    MISSING_AUTHORIZATION_HEADER = "MISSING_AUTHORIZATION_HEADER"
    INVALID_TOKEN = "INVALID_TOKEN"  # noqa: S105 - a code, no secret
    TOKEN_EXPIRED = "TOKEN_EXPIRED"  # noqa: S105 - a code, no secret
    TOKEN_DISABLED = "TOKEN_DISABLED"  # noqa: S105 - a code, no secret
    TOKEN_PENDING_APPROVAL = "TOKEN_PENDING_APPROVAL"  # noqa: S105 - a code, no secret
    TOKEN_HAS_NO_USER = "TOKEN_HAS_NO_USER"  # noqa: S105 - a code, no secret
    TOKEN_NOT_YET_VALID = "TOKEN_NOT_YET_VALID"  # noqa: S105 - a code, no secret
    OWNER_DEACTIVATED = "OWNER_DEACTIVATED"
    WRONG_PASSWORD = "WRONG_PASSWORD"  # noqa: S105 - a code, no secret
    INVALID_INVITATION = "INVALID_INVITATION"
    PROVIDER_REFUSED = "PROVIDER_REFUSED"
    UNKNOWN_IDENTITY = "UNKNOWN_IDENTITY"
    PASSKEY_REFUSED = "PASSKEY_REFUSED"
    INSUFFICIENT_SCOPE = "INSUFFICIENT_SCOPE"
    INSUFFICIENT_ROLE = "INSUFFICIENT_ROLE"
    OUTSIDE_ROOT_NODES = "OUTSIDE_ROOT_NODES"
    ROUTE_NOT_LISTED = "ROUTE_NOT_LISTED"
    IP_NOT_ALLOWED = "IP_NOT_ALLOWED"
    API_NOT_ENABLED_FOR_TOKEN = "API_NOT_ENABLED_FOR_TOKEN"  # noqa: S105 - a code, no secret
    CREDENTIAL_KIND_NOT_ADMITTED = "CREDENTIAL_KIND_NOT_ADMITTED"
    PAT_CANNOT_CREATE_PAT = "PAT_CANNOT_CREATE_PAT"
    PAT_CANNOT_MANAGE_USERS = "PAT_CANNOT_MANAGE_USERS"
    NOT_A_MEMBER = "NOT_A_MEMBER"
    OWN_REQUEST = "OWN_REQUEST"
    STEP_UP_REQUIRED = "STEP_UP_REQUIRED"
    CROSS_SITE_REQUEST = "CROSS_SITE_REQUEST"
    PASSWORDS_REFUSED = "PASSWORDS_REFUSED"
    PROVIDER_REQUIRED = "PROVIDER_REQUIRED"
    POLICY_BLOCKED = "POLICY_BLOCKED"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    TOKEN_QUOTA_EXCEEDED = "TOKEN_QUOTA_EXCEEDED"  # noqa: S105 - a code, no secret
    UPLOAD_QUOTA_EXCEEDED = "UPLOAD_QUOTA_EXCEEDED"
    TOKEN_FINAL = "TOKEN_FINAL"  # noqa: S105 - a code, no secret
    REQUEST_CLOSED = "REQUEST_CLOSED"
    NAME_TAKEN = "NAME_TAKEN"
    LAST_ADMIN = "LAST_ADMIN"
    IN_USE = "IN_USE"
    LOCKED = "LOCKED"
    IDEMPOTENCY_IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"
    STALE_VERSION = "STALE_VERSION"
    INVALID_FIELD = "INVALID_FIELD"
    SCOPE_ABOVE_ROLE = "SCOPE_ABOVE_ROLE"
    LIFETIME_ABOVE_POLICY = "LIFETIME_ABOVE_POLICY"
    EXPIRATION_CANNOT_BE_EXTENDED = "EXPIRATION_CANNOT_BE_EXTENDED"
    NON_EDITABLE_ACCESS_TOKEN = "NON_EDITABLE_ACCESS_TOKEN"  # noqa: S105 - a code, no secret
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    INVALID_API_VERSION = "INVALID_API_VERSION"
    INVALID_ENVIRONMENT = "INVALID_ENVIRONMENT"
    INVALID_REQUEST = "INVALID_REQUEST"
    INVALID_JSON_BODY = "INVALID_JSON_BODY"
    PRECONDITION_REQUIRED = "PRECONDITION_REQUIRED"
    RATE_LIMIT_EXCEEDED = "RATE_LIMIT_EXCEEDED"
    INVALID_CONTENT_TYPE_HEADER = "INVALID_CONTENT_TYPE_HEADER"
    INVALID_ACCEPT_HEADER = "INVALID_ACCEPT_HEADER"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    RANGE_NOT_SATISFIABLE = "RANGE_NOT_SATISFIABLE"
    NOT_READY = "NOT_READY"
    QUARANTINED = "QUARANTINED"
    NO_ROOM = "NO_ROOM"
    INTERNAL_ERROR = "INTERNAL_ERROR"


_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def pointer(*steps: str | int) -> str:
    """Return a JSON pointer to a member of a body: `/data/attributes/name` (RFC 6901).

    A step may be anything that somebody sent, so each is cut to 80 characters.
    """
    return "".join(f"/{str(step)[:80].replace('~', '~0').replace('/', '~1')}" for step in steps)


class CounterfoilError(Exception):
    """Base of every error raised on purpose.

    `detail` is a sentence for a person and never holds a secret, and `sentence` the same with its
    figures apart where it has any (`kernel/sentence.py`); `field` is the JSON pointer of
    what is wrong (`/data/attributes/name`); `meta` holds figures and names for a program.

    A subclass with a `default` of its own is a family; the others belong to the family above them.
    """

    default: ClassVar[Code]
    family: ClassVar[type[CounterfoilError]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "default" in vars(cls):
            cls.family = cls

    def __init__(
        self,
        code: Code | None = None,
        detail: str = "",
        *,
        field: str | None = None,
        meta: Mapping[str, Any] = _NOTHING,
    ) -> None:
        self.code = code or self.default
        if FAMILY[self.code] is not self.family:
            message = f"{self.family.__name__} cannot say {self.code}"
            raise TypeError(message)
        self.sentence = detail
        self.detail = str(detail)
        self.field = field
        self.meta = meta
        self.recorded = False  # whether the audit trail holds it already
        self.about: object = None  # what else is known of what failed, for whoever keeps a trail
        super().__init__(f"{self.code}: {detail}" if detail else str(self.code))

    def anew(self) -> Self:
        """Return the same error, raised nowhere yet: one that was raised is one thread's."""
        again = type(self).__new__(type(self), *self.args)
        again.__dict__.update(self.__dict__)
        return again


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


class Limited(CounterfoilError):
    """There were too many requests; `retry_after` in `meta` says how many seconds to wait."""

    default = Code.RATE_LIMIT_EXCEEDED


class Unserved(CounterfoilError):
    """The house cannot answer now: it is not ready, or something broke."""

    default = Code.NOT_READY


MEANING: Final[Mapping[type[CounterfoilError], Mapping[Code, str]]] = {
    Refused: {
        Code.MISSING_AUTHORIZATION_HEADER: "The request presents no credential.",
        Code.INVALID_TOKEN: "A malformed, unknown, denied or revoked token; we do not say which.",
        Code.TOKEN_EXPIRED: "The token has expired. It cannot be extended: ask for a new one.",
        Code.TOKEN_DISABLED: "The token is switched off; it works again once it is switched on.",
        Code.TOKEN_PENDING_APPROVAL: "The token waits for approval and opens nothing before.",
        Code.TOKEN_NOT_YET_VALID: "The token works later: `meta.not_before` says from when on.",
        Code.TOKEN_HAS_NO_USER: "The token takes its authority from a user, and none is chosen.",
        Code.OWNER_DEACTIVATED: "The person behind the token is deactivated or no longer a member.",
        Code.WRONG_PASSWORD: "The e-mail or the password is wrong; we do not say which.",
        Code.INVALID_INVITATION: "The one-time code is unknown, used, late or was replaced.",
        Code.PROVIDER_REFUSED: "The OpenID provider vouches for nobody, or is not to be believed.",
        Code.UNKNOWN_IDENTITY: "Nobody who may come in is known by that account of the provider.",
        Code.PASSKEY_REFUSED: "The passkey is nobody's, or did not sign what was asked here.",
    },
    Denied: {
        Code.INSUFFICIENT_SCOPE: "The credential holds the scope in `meta.scope` nowhere.",
        Code.INSUFFICIENT_ROLE: "The role behind the credential does not allow this here.",
        Code.OUTSIDE_ROOT_NODES: "The node is outside the roots of the token, or there is none.",
        Code.ROUTE_NOT_LISTED: "The API lists no such route: what it does not list is closed.",
        Code.IP_NOT_ALLOWED: "The token is not for your address, which is in `meta.address`.",
        Code.API_NOT_ENABLED_FOR_TOKEN: "The token is not let in at this surface.",
        Code.CREDENTIAL_KIND_NOT_ADMITTED: "This kind of credential never does this.",
        Code.PAT_CANNOT_CREATE_PAT: "No token makes personal tokens: sign in.",
        Code.PAT_CANNOT_MANAGE_USERS: "No personal token makes or changes users: sign in.",
        Code.NOT_A_MEMBER: "You are not a member of the named organization, or there is none.",
        Code.OWN_REQUEST: "Nobody decides their own request.",
        Code.STEP_UP_REQUIRED: "You signed in over 15 minutes ago: for this, sign in again.",
        Code.PASSWORDS_REFUSED: "Nobody signs in with a password here: use your OpenID provider.",
        Code.CROSS_SITE_REQUEST: "A page of another site made the browser send this.",
        Code.PROVIDER_REQUIRED: "This organization asks that you sign in at your provider.",
        Code.POLICY_BLOCKED: "The policy of the organization does not allow it.",
    },
    NotFound: {Code.NOT_FOUND: "There is no such thing, or none that you may see."},
    Conflict: {
        Code.CONFLICT: "The state of the thing does not allow it.",
        Code.TOKEN_QUOTA_EXCEEDED: "You have as many tokens as the policy allows: see `meta`.",
        Code.UPLOAD_QUOTA_EXCEEDED: "Too many bytes were sent of which no asset was made yet.",
        Code.TOKEN_FINAL: "The token is revoked or expired, and stays so.",
        Code.REQUEST_CLOSED: "The request is decided already.",
        Code.NAME_TAKEN: "Another one has this name.",
        Code.LAST_ADMIN: "The organization would have no admin left.",
        Code.IN_USE: "Something else still needs it.",
        Code.LOCKED: "Somebody else has locked it: `meta.holder` says who.",
        Code.IDEMPOTENCY_IN_FLIGHT: "A request with this Idempotency-Key is still under way.",
    },
    Stale: {
        Code.STALE_VERSION: "The thing has changed since the version in If-Match.",
    },
    Invalid: {
        Code.INVALID_FIELD: "A member is missing, unknown or wrong: see `source.pointer`.",
        Code.SCOPE_ABOVE_ROLE: "More is asked for than the authority behind it holds.",
        Code.LIFETIME_ABOVE_POLICY: "The expiry lies beyond what the policy allows.",
        Code.EXPIRATION_CANNOT_BE_EXTENDED: "An expiry may come earlier, never later.",
        Code.NON_EDITABLE_ACCESS_TOKEN: "A built-in token cannot be edited.",
        Code.IDEMPOTENCY_KEY_REUSED: "This Idempotency-Key is another request's.",
    },
    Malformed: {
        Code.INVALID_API_VERSION: "X-Api-Version names a version that is not spoken here.",
        Code.INVALID_ENVIRONMENT: "X-Environment names an environment that does not exist.",
        Code.INVALID_REQUEST: "The request cannot be read, or could be read in two ways.",
        Code.INVALID_JSON_BODY: "The body is not JSON that every reader understands alike.",
        Code.INVALID_CONTENT_TYPE_HEADER: "The media type of the body is not read here.",
        Code.INVALID_ACCEPT_HEADER: "You accept no media type that this address speaks.",
        Code.METHOD_NOT_ALLOWED: "The address does not know this method: see `Allow`.",
        Code.BODY_TOO_LARGE: "The body is larger than 256 KiB, or than its upload may be.",
        Code.RANGE_NOT_SATISFIABLE: "The file ends before the range that Range names.",
    },
    Unconditional: {
        Code.PRECONDITION_REQUIRED: "Say in If-Match which version you looked at.",
    },
    Limited: {
        Code.RATE_LIMIT_EXCEEDED: "Too many requests; `Retry-After` says how long to wait.",
    },
    Unserved: {
        Code.NOT_READY: "The server cannot answer now. Nothing is known to have been done.",
        Code.QUARANTINED: "Restored from a backup: nothing opens until the operator ends that.",
        Code.NO_ROOM: "The disk is full: until there is room, tokens are revoked and no more.",
        Code.INTERNAL_ERROR: "Something broke, and it is our fault. Tell us the request id.",
    },
}
"""Each family with its codes, and what each code means: the text of docs/reference/errors.md."""

FAMILY: Final[Mapping[Code, type[CounterfoilError]]] = {
    code: family for family, codes in MEANING.items() for code in codes
}
"""The one family that may say a code."""
