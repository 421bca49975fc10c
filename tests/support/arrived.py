"""What must be so of all that arrived at the shop: it says who sent it, and orders nothing."""

from __future__ import annotations

import base64
import json
import re

from infra.echo import Seen
from support.gate import ACME, BASE, BEN
from support.shop import SHELF
from support.smuggling import IDENTITY, allowed

_REQUEST_ID = "Counterfoil-Request-Id"
SAID = {
    "Counterfoil-Subject": f"usr_{BEN}",
    "Counterfoil-Organization": f"org_{ACME}",
    "Counterfoil-Token-Id": f"tok_{BASE + 301}",
    "Counterfoil-Token-Name": "ci",
    "Counterfoil-Token-Kind": "personal",
    "Counterfoil-Scopes": "shop:read",
    "Counterfoil-Roots": f"nod_{SHELF}",
    "Counterfoil-Late": "",
}
"""What the gate says of the token that is for a shelf."""

_ORDERS = (
    *("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-Method"),
    *("X-Original-URI", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Uri", "X-Forwarded-Method"),
)
"""By these some APIs are asked for another method or address than stands in the first line."""


def arrives_as_decided(seen: Seen) -> None:
    """See that the shelf's token may do it, and that it is named, or nobody where all may."""
    assert allowed(seen.method, seen.target), seen
    if seen.target.partition("?")[0] == "/health":
        names_nobody(seen)
    else:
        arrives_named(seen)


def arrives_named(seen: Seen) -> None:
    """See that each header says what the gate says of the shelf's token, and no word besides."""
    told = {name: "".join(seen.values(name)) for name in SAID}
    assert told == SAID, seen
    is_alone(seen)
    [assertion] = seen.values("Counterfoil-Assertion")
    assert json.loads(plain(assertion.split(".")[1]))["sub"] == SAID["Counterfoil-Subject"], seen


def names_nobody(seen: Seen) -> None:
    """See that no header names anybody; the request has its id."""
    is_alone(seen)
    assert {"".join(seen.values(name)) for name in IDENTITY if name != _REQUEST_ID} == {""}, seen


def is_alone(seen: Seen) -> None:
    """See that it has an id, which the gate gave it, one host, no token, and orders no more."""
    [id_] = seen.values(_REQUEST_ID)
    assert re.fullmatch("[0-9a-f]{32}", id_), seen
    assert len(seen.values("Host")) == 1, seen
    assert {"".join(seen.values(name)) for name in ("Authorization", *_ORDERS)} == {""}, seen


def plain(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
