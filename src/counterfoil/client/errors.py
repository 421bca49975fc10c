"""Every failure of a call.

* ClientError
  + Unreachable           no answer came at all
  + Unexpected            an answer that no Counterfoil gives: a proxy's page, a redirect
  + CredentialUnusable    the string cannot be a credential, so it was not sent
  + SecretLost            the token was made, but the one answer that carried its secret is lost
  + ApiError              the server said no
    - Refused             401   TokenPending, TokenDisabled, TokenExpired, OwnerGone
    - Denied              403   OutsideRoots, ScopeMissing, RoleTooWeak, SurfaceClosed
    - NotFound            404
    - Conflict            409   QuotaExceeded, TokenFinal; 412 and 428: Stale
    - Invalid             400, 422 and other 4xx
    - Limited             429
    - Broken              5xx
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
    """No answer came: nobody listens, the name is unknown, or the time is up."""


class Unexpected(ClientError):
    """What answered does not speak this API."""


class CredentialUnusable(ClientError):
    """The credential has characters that no token has; it was not sent anywhere."""


class SecretLost(ClientError):
    """A retried creation found its first attempt done; its secret was shown to nobody."""


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


class OwnerGone(Refused):
    """The user behind it is inactive, or none was chosen."""


class Denied(ApiError):
    """The credential verifies, but may not do that there."""


class OutsideRoots(Denied):
    """The node stands outside the root nodes of the token."""


class ScopeMissing(Denied):
    """The token, or the role behind it, lacks the scope everywhere."""


class RoleTooWeak(Denied):
    """The role behind the token does not allow it there."""


class SurfaceClosed(Denied):
    """The token is not let in at this API."""


class NotFound(ApiError):
    """No such thing, or none that this credential may know of."""


class Conflict(ApiError):
    """The thing is not in a state for this."""


class QuotaExceeded(Conflict):
    """So many tokens are allowed and there already."""


class TokenFinal(Conflict):
    """The token is expired or revoked: nothing changes it any more."""


class Stale(Conflict):
    """It changed since it was looked at, or the call did not say what it had looked at."""


class Invalid(ApiError):
    """The request itself is wrong."""


class Limited(ApiError):
    """Too many requests; `wait` says how many seconds to stay away."""


class Broken(ApiError):
    """The server failed."""


_BY_CODE: Final[Mapping[str, type[ApiError]]] = {
    Code.TOKEN_PENDING_APPROVAL: TokenPending,
    Code.TOKEN_DISABLED: TokenDisabled,
    Code.TOKEN_EXPIRED: TokenExpired,
    Code.TOKEN_HAS_NO_USER: OwnerGone,
    Code.OWNER_DEACTIVATED: OwnerGone,
    Code.OUTSIDE_ROOT_NODES: OutsideRoots,
    Code.INSUFFICIENT_SCOPE: ScopeMissing,
    Code.INSUFFICIENT_ROLE: RoleTooWeak,
    Code.API_NOT_ENABLED_FOR_TOKEN: SurfaceClosed,
    Code.TOKEN_QUOTA_EXCEEDED: QuotaExceeded,
    Code.TOKEN_FINAL: TokenFinal,
    Code.STALE_VERSION: Stale,
    Code.PRECONDITION_REQUIRED: Stale,
}

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
    if status >= _SERVER:
        return Broken
    return _BY_CODE.get(code) or _BY_STATUS.get(status, Invalid)
