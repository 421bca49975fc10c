"""What a refusal says in its header, after RFC 6750 §3 (S13)."""

from __future__ import annotations

import re
from typing import Final

from counterfoil.kernel.errors import Code, CounterfoilError, Denied, Limited, Malformed, Refused

REALM: Final = "counterfoil"
METADATA: Final = "/.well-known/oauth-protected-resource"
"""Where a server tells of what it protects (RFC 9728 §3)."""

STATUS: Final = {
    400: "400 Bad Request",
    401: "401 Unauthorized",
    403: "403 Forbidden",
    429: "429 Too Many Requests",
}
UNREADY: Final = "503 Service Unavailable"

_UNQUOTABLE: Final = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


def challenge(error: CounterfoilError, *, scope: str = "", resource_metadata: str = "") -> str:
    """Return the WWW-Authenticate value of a refusal.

    Without a credential there is no error to name. A token that does not verify is an
    `invalid_token`, for whatever reason; whatever else a verified one may not do is an
    `insufficient_scope`, which names the scope where one would do. A person whose proof of who they
    are is too old is told how old it may be (RFC 9470 §3). Whoever has to get a token first hears
    for which scope, and where it is said who gives one: so MCP's authorization wants it.

    Args:
        error: what happened.
        scope: what the address asks for, where the failure does not say it itself.
        resource_metadata: the address of the protected resource's metadata (RFC 9728); empty where
            that is not known.
    """
    said = [f'Bearer realm="{REALM}"']
    if error.code is not Code.MISSING_AUTHORIZATION_HEADER:
        said.append(f'error="{_error(error)}"')
        if error.detail:
            said.append(f'error_description="{_quotable(error.detail)}"')
        if error.code is Code.STEP_UP_REQUIRED:
            said.append(f'max_age="{error.meta["max_age"]}"')
    needed = error.meta.get("scope") or (scope if isinstance(error, Refused) else "")
    if needed:
        said.append(f'scope="{_quotable(needed)}"')
    if resource_metadata:
        said.append(f'resource_metadata="{_quotable(resource_metadata)}"')
    return ", ".join(said)


def status_of(error: CounterfoilError) -> str:
    """Return the status line of what this gate itself says no to."""
    if isinstance(error, Malformed):
        return STATUS[400]
    if isinstance(error, Limited):
        return STATUS[429]
    return STATUS[403] if isinstance(error, Denied) else STATUS[401]


def _error(error: CounterfoilError) -> str:
    if isinstance(error, Malformed):
        return "invalid_request"
    if error.code is Code.STEP_UP_REQUIRED:
        return "insufficient_user_authentication"
    return "insufficient_scope" if isinstance(error, Denied) else "invalid_token"


def _quotable(text: str) -> str:
    return _UNQUOTABLE.sub("?", text)
