"""What each code means, and with which status it comes: the text of docs/reference/errors.md."""

from __future__ import annotations

from typing import Final

from counterfoil.kernel.errors import Code

MEANING: Final[dict[Code, tuple[int, str]]] = {
    Code.MISSING_AUTHORIZATION_HEADER: (401, "The request presents no credential."),
    Code.INVALID_TOKEN: (
        401,
        "The token is malformed, unknown, denied or revoked; which, is not said.",
    ),
    Code.TOKEN_EXPIRED: (
        401,
        "The token's expiry has come. It cannot be extended: ask for a new one.",
    ),
    Code.TOKEN_DISABLED: (401, "The token is switched off; it works again once it is switched on."),
    Code.TOKEN_PENDING_APPROVAL: (401, "The token waits for approval and opens nothing before."),
    Code.TOKEN_HAS_NO_USER: (401, "The token takes its authority from a user, and none is chosen."),
    Code.OWNER_DEACTIVATED: (
        401,
        "The person behind the token is deactivated or no longer a member.",
    ),
    Code.WRONG_PASSWORD: (401, "The e-mail or the password is wrong; which, is not said."),
    Code.INSUFFICIENT_SCOPE: (
        403,
        "The credential holds the needed scope nowhere; `meta.scope` names it.",
    ),
    Code.INSUFFICIENT_ROLE: (403, "The role behind the credential does not allow this here."),
    Code.OUTSIDE_ROOT_NODES: (403, "The node is outside the roots of the token, or there is none."),
    Code.API_NOT_ENABLED_FOR_TOKEN: (403, "The token is not let in at this surface."),
    Code.CREDENTIAL_KIND_NOT_ADMITTED: (403, "This kind of credential never does this."),
    Code.PAT_CANNOT_CREATE_PAT: (403, "No token makes personal tokens: sign in."),
    Code.PAT_CANNOT_MANAGE_USERS: (403, "No personal token makes or changes users: sign in."),
    Code.NOT_A_MEMBER: (403, "You are no member of the named organization, or there is none."),
    Code.OWN_REQUEST: (403, "Nobody decides their own request."),
    Code.STEP_UP_REQUIRED: (
        403,
        "The last sign-in is over 15 minutes ago, too long for this: sign in again.",
    ),
    Code.POLICY_BLOCKED: (403, "The policy of the organization does not allow it."),
    Code.NOT_FOUND: (404, "There is no such thing, or none that you may see."),
    Code.CONFLICT: (409, "The state of the thing does not allow it."),
    Code.TOKEN_QUOTA_EXCEEDED: (
        409,
        "You have as many tokens here as the policy allows; `meta` counts.",
    ),
    Code.TOKEN_FINAL: (409, "The token is revoked or expired, and stays so."),
    Code.REQUEST_CLOSED: (409, "The request is decided already."),
    Code.NAME_TAKEN: (409, "Another one has this name."),
    Code.LAST_ADMIN: (409, "The organization would have no admin left."),
    Code.IN_USE: (409, "Something else still needs it."),
    Code.IDEMPOTENCY_IN_FLIGHT: (409, "A request with this Idempotency-Key is still under way."),
    Code.STALE_VERSION: (412, "The thing has changed since the version in If-Match."),
    Code.INVALID_FIELD: (
        422,
        "A member is missing, unknown or of a wrong value; `source.pointer` says which.",
    ),
    Code.SCOPE_ABOVE_ROLE: (422, "More is asked for than the authority behind it holds."),
    Code.LIFETIME_ABOVE_POLICY: (422, "The expiry lies beyond what the policy allows."),
    Code.EXPIRATION_CANNOT_BE_EXTENDED: (422, "An expiry may come earlier, never later."),
    Code.NON_EDITABLE_ACCESS_TOKEN: (422, "A built-in token cannot be edited."),
    Code.IDEMPOTENCY_KEY_REUSED: (422, "This Idempotency-Key belongs to another body."),
    Code.INVALID_API_VERSION: (400, "X-Api-Version names a version that is not spoken here."),
    Code.INVALID_REQUEST: (400, "The request cannot be read, or could be read in two ways."),
    Code.INVALID_JSON_BODY: (400, "The body is no JSON that every reader understands alike."),
    Code.PRECONDITION_REQUIRED: (428, "Say in If-Match which version you looked at."),
    Code.RATE_LIMIT_EXCEEDED: (
        429,
        "Too many requests; `Retry-After` says when there may be one more.",
    ),
    Code.INVALID_CONTENT_TYPE_HEADER: (415, "The media type of the body is not read here."),
    Code.INVALID_ACCEPT_HEADER: (406, "You accept no media type that this address speaks."),
    Code.METHOD_NOT_ALLOWED: (
        405,
        "The address does not know this method; `Allow` lists those it does.",
    ),
    Code.BODY_TOO_LARGE: (413, "The body is larger than 256 KiB."),
    Code.NOT_READY: (503, "The server cannot answer now. Nothing is known to have been done."),
    Code.INTERNAL_ERROR: (
        500,
        "Something broke, and it is our fault. Name the request id when you tell us.",
    ),
}
