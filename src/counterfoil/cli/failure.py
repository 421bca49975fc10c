"""How a failure is told: what, why, what to do about it, the code, the request id."""

from __future__ import annotations

import errno
import json
import os
import traceback
from collections.abc import Mapping
from typing import Any, Final

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output.text import printable
from counterfoil.client import errors
from counterfoil.client.redact import redact
from counterfoil.kernel.errors import Code

_ANOTHER: Final = "Get another with `counterfoil pat create`, or sign in: `counterfoil auth login`."
_SIGN_IN: Final = "Sign in: `counterfoil auth login`, or set COUNTERFOIL_TOKEN."
_AUTHORITY: Final = "See what it may do: `counterfoil auth status`."

_FIXES: Final[Mapping[str, str]] = {
    Code.MISSING_AUTHORIZATION_HEADER: _SIGN_IN,
    Code.INVALID_TOKEN: _ANOTHER,
    Code.TOKEN_EXPIRED: f"An expired token stays expired. {_ANOTHER}",
    Code.TOKEN_DISABLED: "Whoever manages it can enable it: `counterfoil pat edit … --enable`.",
    Code.TOKEN_PENDING_APPROVAL: "It works once an approver says yes: `counterfoil pat wait …`.",
    Code.TOKEN_HAS_NO_USER: "Whoever manages it must choose a user.",
    Code.TOKEN_NOT_YET_VALID: "It begins to work later: its owner sees when in its page.",
    Code.OWNER_DEACTIVATED: "Its owner is not an active member of the organization any more.",
    Code.IP_NOT_ALLOWED: "Whoever manages it says from where: `counterfoil pat edit … --ip-range`.",
    Code.PROVIDER_REQUIRED: "Sign in anew, at your provider: `counterfoil auth login`.",
    Code.POLICY_BLOCKED: "See what the organization allows: `counterfoil policy show`.",
    Code.INSUFFICIENT_SCOPE: _AUTHORITY,
    Code.INSUFFICIENT_ROLE: _AUTHORITY,
    Code.OUTSIDE_ROOT_NODES: f"The token is restricted to some root nodes. {_AUTHORITY}",
    Code.API_NOT_ENABLED_FOR_TOKEN: f"The token is not let in at this API. {_AUTHORITY}",
    Code.CREDENTIAL_KIND_NOT_ADMITTED: "This needs a person: `counterfoil auth login`.",
    Code.NOT_FOUND: "It is not there, or not yours to see. Is it spelled right?",
    Code.NOT_A_MEMBER: "See where it does: `counterfoil organization list`.",
    Code.PAT_CANNOT_CREATE_PAT: "No token begets a token: sign in with `counterfoil auth login`.",
    Code.PAT_CANNOT_MANAGE_USERS: "This needs a person: `counterfoil auth login`.",
    Code.STEP_UP_REQUIRED: "Sign in once more, then do it again: `counterfoil auth login`.",
    Code.TOKEN_QUOTA_EXCEEDED: "Make room: `counterfoil pat list`, `counterfoil pat delete …`.",
    Code.TOKEN_FINAL: "Nothing changes it any more; make another: `counterfoil pat create`.",
    Code.STALE_VERSION: "Look at it again and decide anew.",
    Code.OWN_REQUEST: "Somebody else must decide it.",
    Code.RATE_LIMIT_EXCEEDED: "Wait, then try again.",
}

_WHAT: Final[Mapping[str, str]] = {
    Code.INVALID_TOKEN: "This token is unknown or revoked",
    Code.TOKEN_EXPIRED: "This token has expired",
    Code.TOKEN_DISABLED: "This token is disabled",
    Code.TOKEN_PENDING_APPROVAL: "This token waits for approval",
    Code.STEP_UP_REQUIRED: "You signed in too long ago for this",
}

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})

_EXITS: Final = {
    errors.TokenPending: Exit.UNAPPROVED,
    errors.Refused: Exit.UNAUTHENTICATED,
    errors.CredentialUnusable: Exit.UNAUTHENTICATED,
    errors.Denied: Exit.FORBIDDEN,
    errors.NotFound: Exit.NOT_FOUND,
    errors.Conflict: Exit.CONFLICT,
    errors.Limited: Exit.RATE_LIMITED,
    errors.Unreachable: Exit.CONFIG,
    errors.Unexpected: Exit.CONFIG,
    UnicodeEncodeError: Exit.USAGE,
}
"""From the narrow class to the wide one: the first that fits says the code."""


def exit_of(error: Exception) -> Exit:
    """Return the exit code for a failure."""
    if isinstance(error, Stop):
        return error.exit_code
    if is_strange(error):
        return Exit.CONFIG
    for kind, exit_code in _EXITS.items():
        if isinstance(error, kind):
            return exit_code
    return Exit.FAILED


def is_strange(error: Exception) -> bool:
    """Say whether a failure was told in no words of ours: by another program than our server."""
    return isinstance(error, errors.ApiError) and error.code.startswith(errors.STRANGE)


def describe(error: Exception) -> dict[str, Any]:
    """Return a failure in its parts, without any secret."""
    parts = {key: value for key, value in _parts(error).items() if value not in {None, ""}}
    parts["exit"] = int(exit_of(error))
    return {key: redact(part) if isinstance(part, str) else part for key, part in parts.items()}


def _parts(error: Exception) -> dict[str, Any]:
    if isinstance(error, Stop):
        return {"what": str(error), "fix": error.fix}
    if is_strange(error):
        return {
            "what": f"The answer, {error}, is none of Counterfoil's",
            "fix": "Is --url right? Something else may stand there, or before it.",
        }
    if isinstance(error, errors.ApiError):
        return {
            "what": _WHAT.get(error.code) or error.detail or f"The server answered {error.status}",
            "why": error.detail if error.code in _WHAT else None,
            "fix": _which(error) or error.meta.get("remedy") or _FIXES.get(error.code),
            "field": error.field,
            "code": error.code,
            "status": error.status,
            "request_id": error.request_id,
            "wait_s": error.wait,
        }
    return _of_this_machine(error)


def _of_this_machine(error: Exception) -> dict[str, Any]:
    """Return the parts of a failure that no server told."""
    if isinstance(error, errors.Unreachable):
        return {"what": str(error), "fix": "Is the server up, and --url right?"}
    if isinstance(error, errors.ClientError):
        return {"what": str(error)}
    if isinstance(error, UnicodeEncodeError):
        return {"what": "Something that was typed, or stands in the environment, is no text"}
    if isinstance(error, OSError):
        # A full disk has no name where it is what the result was written to.
        what = error.filename or ("Standard output" if error.errno in _NO_ROOM else "Something")
        return {"what": f"{what} cannot be used ({error.strerror or type(error).__name__})"}
    return {
        "what": f"Something unforeseen: {type(error).__name__}: {error}",
        "fix": "This is a fault of ours; COUNTERFOIL_DEBUG=1 shows where it happened.",
    }


def _which(error: errors.ApiError) -> str:
    """Return what to choose from, where a credential speaks in several organizations."""
    places = error.meta.get("organizations")
    if not isinstance(places, list):
        return ""
    named = ", ".join(f"{one['id']} ({one['name']})" for one in places)
    return f"Say --organization, or COUNTERFOIL_ORGANIZATION: {named}"


def tell(error: Exception, *, as_json: bool = False) -> Exit:
    """Print a failure on standard error, as sentences or as one JSON object; return its code."""
    if os.environ.get("COUNTERFOIL_DEBUG"):
        click.echo(redact("".join(traceback.format_exception(error))), err=True)
    parts = describe(error)
    click.echo(json.dumps({"error": parts}) if as_json else _sentences(parts), err=True)
    return exit_of(error)


def _sentences(parts: Mapping[str, Any]) -> str:
    lines = [f"✗ {printable(str(parts['what']))}"]
    lines += [
        f"  {label:<8} {printable(str(parts[key]))}" for label, key in _LABELS if parts.get(key)
    ]
    return "\n".join(lines)


_LABELS: Final = (
    ("why", "why"),
    ("field", "field"),
    ("fix", "fix"),
    ("code", "code"),
    ("request", "request_id"),
)
