"""How `/dx` speaks: `ok` in every answer, a word for what went wrong, and what an agent claims."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Final

from msgspec import structs

from counterfoil.jsonapi.dialect import Dialect
from counterfoil.jsonapi.fault import PLAIN, TITLE, Fault, Said
from counterfoil.jsonapi.route import Asked
from counterfoil.kernel.errors import Code

_WORD: Final = {
    Code.INSUFFICIENT_SCOPE: "insufficient_scope",
    Code.RATE_LIMIT_EXCEEDED: "rate_limited",
    Code.TOKEN_PENDING_APPROVAL: "token_pending_approval",
    Code.TOKEN_DISABLED: "token_disabled",
    Code.TOKEN_EXPIRED: "token_expired",
    Code.TOKEN_NOT_YET_VALID: "token_not_yet_valid",
    Code.OWNER_DEACTIVATED: "owner_deactivated",
    Code.IP_NOT_ALLOWED: "ip_not_allowed",
    Code.POLICY_BLOCKED: "policy_blocked",
    Code.PROVIDER_REQUIRED: "provider_required",
}
"""The vendor's client shows its user this word, and nothing else."""
_WORD_OF_STATUS: Final = {
    400: "invalid_request",
    401: "invalid_auth",
    403: "forbidden",
    404: "not_found",
    422: "invalid_request",
}
_CLAIMS: Final = (
    ("x-client-type", "client"),
    ("x-dx-agent-name", "agent"),
    ("x-dx-agent-session-id", "session"),
)
_TEXT: Final = {"type": "string"}


def _say(fault: Fault) -> Said:
    word = _WORD.get(fault.code) or _WORD_OF_STATUS.get(fault.status) or str(fault.code).lower()
    details: dict[str, Any] = {"message": fault.detail or TITLE[fault.status]}
    details |= {"code": str(fault.code), "request_id": fault.request_id}
    return Said(PLAIN, {"ok": False, "error": word, "error_details": details})


DX: Final = Dialect(
    name="dx",
    under=re.compile(r"/dx(/|$)"),
    say=_say,
    errors={PLAIN: "DxError"},
    schemas={
        "DxError": {
            "type": "object",
            "required": ["ok", "error", "error_details"],
            "properties": {
                "ok": {"const": False},
                "error": _TEXT,
                "error_details": {
                    "type": "object",
                    "properties": dict.fromkeys(("message", "code", "request_id"), _TEXT),
                },
            },
        }
    },
)


def with_claims(asked: Asked) -> Asked:
    """Return the request with what its client says of the agent behind it, for the audit trail.

    Nobody verifies these claims: they stand where the client's own name stands, and decide nothing.
    """
    said = [f"{word}={asked.headers[name]}" for name, word in _CLAIMS if asked.headers.get(name)]
    if not said:
        return asked
    agent = f"{asked.origin.agent} ({'; '.join(said)})"
    return replace(asked, origin=structs.replace(asked.origin, agent=agent))
