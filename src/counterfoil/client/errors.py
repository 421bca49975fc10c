"""Every failure of a call.

* ClientError
  + Unreachable           no answer came at all
  + Unexpected            an answer that no Counterfoil gives: a proxy's page, a redirect
  + CredentialUnusable    the string cannot be a credential, so it was not sent
  + SecretLost            the token was made, but the one answer that carried its secret is lost
  + ApiError              the server said no
    - Refused             401   TokenPending, TokenDisabled, TokenExpired, TokenEarly, OwnerGone
    - Denied              403   OutsideRoots, ScopeMissing, RoleTooWeak, SurfaceClosed,
                                KindNotAdmitted, StepUpRequired, NotAMember, OwnRequest,
                                PolicyBlocked, AddressNotAllowed
    - NotFound            404
    - Conflict            409   QuotaExceeded, TokenFinal, RequestClosed, NameTaken, Locked, InUse,
                                InFlight; 412 and 428: Stale
    - Invalid             400, 422 and other 4xx: ScopeAboveRole, LifetimeAbovePolicy, ExpiryFixed,
                                NotEditable
    - Limited             429
    - Broken              5xx   NotReady

`str(error)` is for a person. A program asks for the class, or for `code`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from counterfoil.kernel.errors import Code

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class ClientError(Exception):
    """Base of every error that the client raises on purpose. None holds a secret."""


class Unreachable(ClientError):
    """No answer came: nobody listens, the name is unknown, or the time is up.

    Attributes:
        sent: whether the request may have arrived and been done nevertheless.
    """

    def __init__(self, message: str = "", *, sent: bool = False) -> None:
        self.sent = sent
        super().__init__(message)


class Unexpected(ClientError):
    """What answered does not speak this API."""


class CredentialUnusable(ClientError):
    """The credential has characters that no token has; it was not sent anywhere."""


class SecretLost(ClientError):
    """A retried creation found its first attempt done; its secret was shown to nobody."""


STRANGE: Final = "HTTP_"
"""How the code begins of an answer that has none of ours: whoever gave it speaks otherwise."""


class ApiError(ClientError):
    """The server answered with an error.

    Attributes:
        status: the HTTP status.
        code: the stable code, one of `Code` or a newer one.
        detail: the server's sentence.
        field: the JSON pointer of what is wrong, if it is about the body.
        request_id: by which the operator finds it in the log.
        meta: figures and names for a program.
        wait: seconds after which the server said to come back.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str = "",
        *,
        field: str | None = None,
        request_id: str | None = None,
        meta: Mapping[str, Any] = _NOTHING,
        wait: float | None = None,
    ) -> None:
        self.status = status
        self.code = code
        self.detail = detail
        self.field = field
        self.request_id = request_id
        self.meta = meta
        self.wait = wait
        super().__init__(f"{status} {code}: {detail}" if detail else f"{status} {code}")


class Refused(ApiError):
    """The credential does not verify."""


class TokenPending(Refused):
    """It waits for approval."""


class TokenDisabled(Refused):
    """It is switched off, and may be switched on again."""


class TokenExpired(Refused):
    """Its time is over."""


class TokenEarly(Refused):
    """It works from a later instant on, which is in `meta["not_before"]`."""


class OwnerGone(Refused):
    """The user behind it is inactive, or none was chosen."""


class Denied(ApiError):
    """The credential verifies, but may not do that there."""


class OutsideRoots(Denied):
    """The node stands outside the root nodes of the token."""


class ScopeMissing(Denied):
    """The token, or the role behind it, lacks the scope everywhere; `meta["scope"]` names it."""


class RoleTooWeak(Denied):
    """The role behind the token does not allow it there."""


class SurfaceClosed(Denied):
    """The token is not let in at this API."""


class AddressNotAllowed(Denied):
    """The token may not be used from the address that is in `meta["address"]`."""


class KindNotAdmitted(Denied):
    """No credential of this kind ever does this: sign in, or take a token of another kind."""


class StepUpRequired(Denied):
    """The sign-in is too long ago for this: sign in again."""


class NotAMember(Denied):
    """The credential does not speak in the named organization."""


class OwnRequest(Denied):
    """Nobody decides their own request."""


class PolicyBlocked(Denied):
    """The policy of the organization does not allow it."""


class NotFound(ApiError):
    """No such thing, or none that this credential may know of."""


class Conflict(ApiError):
    """The thing is not in a state for this."""


class QuotaExceeded(Conflict):
    """So many are allowed and there already; `meta` has the figures."""


class TokenFinal(Conflict):
    """The token is expired or revoked: nothing changes it any more."""


class RequestClosed(Conflict):
    """The request is decided already."""


class NameTaken(Conflict):
    """Another one has this name."""


class Locked(Conflict):
    """Somebody else has locked it."""


class InUse(Conflict):
    """Something else still needs it."""


class InFlight(Conflict):
    """A request with the same Idempotency-Key is still under way."""


class Stale(Conflict):
    """It changed since it was looked at, or the call did not say what it had looked at."""


class Invalid(ApiError):
    """The request itself is wrong; `field` says where."""


class ScopeAboveRole(Invalid):
    """More is asked for than the authority behind it holds."""


class LifetimeAbovePolicy(Invalid):
    """The expiry lies beyond what the policy allows."""


class ExpiryFixed(Invalid):
    """An expiry may come earlier, never later."""


class NotEditable(Invalid):
    """A built-in token cannot be edited."""


class Limited(ApiError):
    """Too many requests; `wait` says how many seconds to stay away."""


class Broken(ApiError):
    """The server failed."""


class NotReady(Broken):
    """The server cannot answer now; nothing is known to have been done."""


_BY_CODE: Final[Mapping[str, type[ApiError]]] = {
    Code.TOKEN_PENDING_APPROVAL: TokenPending,
    Code.TOKEN_DISABLED: TokenDisabled,
    Code.TOKEN_EXPIRED: TokenExpired,
    Code.TOKEN_NOT_YET_VALID: TokenEarly,
    Code.TOKEN_HAS_NO_USER: OwnerGone,
    Code.OWNER_DEACTIVATED: OwnerGone,
    Code.OUTSIDE_ROOT_NODES: OutsideRoots,
    Code.INSUFFICIENT_SCOPE: ScopeMissing,
    Code.INSUFFICIENT_ROLE: RoleTooWeak,
    Code.API_NOT_ENABLED_FOR_TOKEN: SurfaceClosed,
    Code.IP_NOT_ALLOWED: AddressNotAllowed,
    Code.CREDENTIAL_KIND_NOT_ADMITTED: KindNotAdmitted,
    Code.PAT_CANNOT_CREATE_PAT: KindNotAdmitted,
    Code.PAT_CANNOT_MANAGE_USERS: KindNotAdmitted,
    Code.STEP_UP_REQUIRED: StepUpRequired,
    Code.NOT_A_MEMBER: NotAMember,
    Code.OWN_REQUEST: OwnRequest,
    Code.POLICY_BLOCKED: PolicyBlocked,
    Code.TOKEN_QUOTA_EXCEEDED: QuotaExceeded,
    Code.UPLOAD_QUOTA_EXCEEDED: QuotaExceeded,
    Code.TOKEN_FINAL: TokenFinal,
    Code.REQUEST_CLOSED: RequestClosed,
    Code.NAME_TAKEN: NameTaken,
    Code.LOCKED: Locked,
    Code.IN_USE: InUse,
    Code.IDEMPOTENCY_IN_FLIGHT: InFlight,
    Code.STALE_VERSION: Stale,
    Code.PRECONDITION_REQUIRED: Stale,
    Code.SCOPE_ABOVE_ROLE: ScopeAboveRole,
    Code.LIFETIME_ABOVE_POLICY: LifetimeAbovePolicy,
    Code.EXPIRATION_CANNOT_BE_EXTENDED: ExpiryFixed,
    Code.NON_EDITABLE_ACCESS_TOKEN: NotEditable,
    Code.NOT_READY: NotReady,
    Code.QUARANTINED: NotReady,
    Code.NO_ROOM: NotReady,
}
"""The codes that a program may want to tell apart; every other one is its family's class."""

_BY_STATUS: Final[Mapping[int, type[ApiError]]] = {
    401: Refused,
    403: Denied,
    404: NotFound,
    409: Conflict,
    412: Stale,
    428: Stale,
    429: Limited,
}

_SERVER: Final = 500


def kind_of(status: int, code: str) -> type[ApiError]:
    """Return the class for an error answer: by its code, else by its status."""
    kind = Broken if status >= _SERVER else _BY_STATUS.get(status, Invalid)
    precise = _BY_CODE.get(code, kind)
    return precise if issubclass(precise, kind) else kind
