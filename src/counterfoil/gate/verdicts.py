"""What is said of a credential that the books know, and that opens nothing here or now."""

from __future__ import annotations

from typing import Final

from counterfoil.gate.replica.records import PENDING
from counterfoil.kernel.errors import Code, Denied, Malformed, Refused, Unserved
from counterfoil.routing.table import Taken

_SAID: Final = {
    Code.TOKEN_PENDING_APPROVAL: "The access token waits for approval.",
    Code.TOKEN_DISABLED: "The access token is disabled.",
    Code.TOKEN_EXPIRED: "The access token has expired.",
    Code.TOKEN_HAS_NO_USER: "No user stands behind the access token.",
    Code.OWNER_DEACTIVATED: "The user behind the access token is not active.",
}


def refused(code: Code) -> Refused:
    """Say to the holder of a known secret why it opens nothing now."""
    return Refused(code, _SAID[code])


def not_active(state: int) -> Refused:
    """Say why a token opens nothing that waits, or is switched off."""
    return refused(Code.TOKEN_PENDING_APPROVAL if state == PENDING else Code.TOKEN_DISABLED)


def quarantined() -> Unserved:
    """Say that nothing verifies here, whatever it is."""
    return Unserved(
        Code.QUARANTINED,
        "This server was restored from a backup. Nothing opens here until its operator has said "
        "what is revoked.",
    )


def not_a_member() -> Denied:
    """Say that a credential is good, but not in the organization that was named."""
    return Denied(Code.NOT_A_MEMBER, "This credential does not speak in that organization.")


def unlisted(method: str) -> Denied:
    """Say that the table of an API has no line for a request."""
    return Denied(
        Code.ROUTE_NOT_LISTED, "The API lists no route for this.", meta={"method": method}
    )


def scoped(said: Malformed | Refused, taken: Taken | None) -> Malformed | Refused:
    """Return it with the scope of the route, for whoever could get a token for that."""
    if taken is not None and isinstance(said, Refused):
        scope = {"scope": taken.route.scope}
        said.meta = {**said.meta, **scope} if said.meta else scope
    return said
