"""Who sent a request, for the API behind: the headers of every answer that lets one pass.

All of them stand in each such answer, empty where there is nothing to say. So a proxy that copies
them overwrites whatever a client wrote into them (S51).
"""

from __future__ import annotations

import math
from typing import Final
from urllib.parse import quote

from counterfoil.access.caller import Caller, Method
from counterfoil.gate.asked import Let
from counterfoil.gate.replica.routes import Routed
from counterfoil.kernel.ids import Prefix, spell

Headers = list[tuple[str, str]]

SUBJECT: Final = "Counterfoil-Subject"
ORGANIZATION: Final = "Counterfoil-Organization"
TOKEN_ID: Final = "Counterfoil-Token-Id"  # noqa: S105 - the name of a header
TOKEN_NAME: Final = "Counterfoil-Token-Name"  # noqa: S105 - as above
TOKEN_KIND: Final = "Counterfoil-Token-Kind"  # noqa: S105 - as above
SCOPES: Final = "Counterfoil-Scopes"
ROOTS: Final = "Counterfoil-Roots"
LATE: Final = "Counterfoil-Late"
REQUEST_ID: Final = "Counterfoil-Request-Id"
ASSERTION: Final = "Counterfoil-Assertion"
NAMES: Final = (
    SUBJECT,
    ORGANIZATION,
    TOKEN_ID,
    TOKEN_NAME,
    TOKEN_KIND,
    SCOPES,
    ROOTS,
    LATE,
    REQUEST_ID,
)

REMEMBERED: Final = 16_384
_PASSED: Final = (("Content-Length", "0"), ("Cache-Control", "no-store"))
_NOBODY: Final = [*_PASSED, *((name, "") for name in NAMES[:-2])]
_IN_TIME: Final = (LATE, "")
_UNASSERTED: Final = (ASSERTION, "")
_KINDS: Final = {
    Method.PERSONAL: "personal",
    Method.SERVICE: "service",
    Method.EXCHANGED: "exchanged",
    Method.SESSION: "session",
}
_PLAIN: Final = " !#$&'()*+,/:;=?@[]^`{|}"
"""What a name is written with as it is, besides letters and digits; all else is escaped, so that
it is one line of ASCII."""


class Identity:
    """Says who callers are, and remembers how it said it."""

    def __init__(self) -> None:
        self._said: dict[tuple[bytes | None, int], tuple[Caller, Routed, Headers]] = {}

    def headers(self, let: Let, id_: str, asserted: str = "") -> Headers:
        """Return all headers of an answer that lets something pass.

        Args:
            let: what is let through.
            id_: of the request.
            asserted: the signed word of who sent it; empty where none is wanted.
        """
        return [
            *self.lasting(let),
            (REQUEST_ID, id_),
            (LATE, str(math.ceil(let.late_s))) if let.late_s else _IN_TIME,
            (ASSERTION, asserted) if asserted else _UNASSERTED,
        ]

    def lasting(self, let: Let) -> Headers:
        """Return what is said of a caller each time; nobody changes it."""
        caller, routed = let.caller, let.routed
        if caller is None:
            return _NOBODY
        key = (caller.credential, routed.api)
        said = self._said.get(key)
        if said is not None and said[0] is caller and said[1] is routed:
            return said[2]
        if len(self._said) >= REMEMBERED:
            self._said.clear()
        headers = [*_PASSED, *_headers(caller, routed)]
        self._said[key] = caller, routed, headers
        return headers


def _headers(caller: Caller, routed: Routed) -> Headers:
    held = caller.grant.scopes
    scopes = sorted(name for name, scope in routed.scopes.items() if held & scope.bit)
    return [
        (SUBJECT, "" if caller.user is None else spell(Prefix.USER, caller.user)),
        (ORGANIZATION, spell(Prefix.ORGANIZATION, caller.organization)),
        (TOKEN_ID, "" if caller.token is None else spell(Prefix.TOKEN, caller.token)),
        (TOKEN_NAME, quote(caller.token_name or "", safe=_PLAIN)),
        (TOKEN_KIND, _KINDS.get(caller.method, "")),
        (SCOPES, " ".join(scopes)),
        (ROOTS, _roots(caller)),
    ]


def _roots(caller: Caller) -> str:
    """Return the roots of a token: nothing if it has none, `none` if they cover nothing."""
    limits = caller.grant.limits
    if not limits:
        return ""
    return " ".join(spell(Prefix.NODE, root) for root in sorted(limits[0])) or "none"
