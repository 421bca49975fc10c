"""OAuth's way: failures after RFC 6749 §5.2, and nothing is stored (RFC 6749 §5.1)."""

from __future__ import annotations

import re
from typing import Final

from counterfoil.gate.challenge import REALM
from counterfoil.jsonapi.dialect import Dialect
from counterfoil.jsonapi.fault import PLAIN, Fault, Said, kept

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
    error = fault.meta.get("error") or _ERROR.get(fault.status, "invalid_request")
    described = kept(error_description=_quotable(fault.detail))
    return Said(PLAIN, {"error": error, **described, "code": str(fault.code)})


def _quotable(text: str) -> str:
    """Keep to the characters that RFC 6749 §5.2 allows in a description."""
    return "".join(c if " " <= c <= "~" and c not in '"\\' else "'" for c in text)


OAUTH: Final = Dialect(
    name="oauth",
    under=re.compile(r"/(oauth|signin|signout)(/|$)"),
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
    challenge=lambda _error: f'Basic realm="{REALM}"',
)
