"""OAuth's way: failures after RFC 6749 §5.2, and nothing is stored (RFC 6749 §5.1)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from counterfoil.gate.challenge import REALM, challenge
from counterfoil.jsonapi.dialect import Dialect
from counterfoil.jsonapi.fault import PLAIN, Fault, Said, kept
from counterfoil.kernel.errors import Code, CounterfoilError

_ERROR: Final = {
    401: "invalid_client",
    403: "access_denied",
    405: "invalid_request",
    429: "slow_down",
    500: "server_error",
    503: "temporarily_unavailable",
}
_TEXT: Final = {"type": "string"}


def _say(fault: Fault) -> Said:
    usual = _ERROR.get(fault.status, "invalid_request")
    if fault.code is Code.INSUFFICIENT_SCOPE:
        usual = "insufficient_scope"  # RFC 6750 §3.1
    error = fault.meta.get("error") or usual
    described = kept(error_description=_quotable(fault.detail))
    return Said(PLAIN, {"error": error, **described, "code": str(fault.code)})


def _quotable(text: str) -> str:
    """Keep to the characters that RFC 6749 §5.2 allows in a description."""
    return "".join(c if " " <= c <= "~" and c not in '"\\' else "'" for c in text)


_CLIENT: Final = f'Basic realm="{REALM}"'


def _client_alone(error: CounterfoilError, *, scope: str, resource_metadata: str) -> str:
    """Ask for a client's id and secret: no scope and no other server has to do with it."""
    del error, scope, resource_metadata
    return _CLIENT


def _either(error: CounterfoilError, *, scope: str, resource_metadata: str) -> str:
    asked = challenge(error, scope=scope, resource_metadata=resource_metadata)
    return f"{asked}, {_CLIENT}"


OAUTH: Final = Dialect(
    name="oauth",
    under=re.compile(r"/(oauth|signin|signout|\.well-known/oauth-[a-z-]+)(/|$)"),
    say=_say,
    errors={PLAIN: "OAuthError"},
    schemas={
        "OAuthError": {
            "type": "object",
            "required": ["error"],
            "properties": {"error": _TEXT, "error_description": _TEXT, "code": _TEXT},
        }
    },
    headers={"Pragma": "no-cache"},
    cache="no-store",
    picky=False,
    challenge=_client_alone,
)

CLIENT_OR_TOKEN: Final = replace(OAUTH, challenge=_either)
"""The same where a client shows its id and secret, or a token."""
