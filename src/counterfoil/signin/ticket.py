"""Tickets: random strings for one purpose, which are no tokens (S44).

A cookie and an authorization code are tickets, and so is what binds a browser to its way to a
provider and back, or to what it is asked to sign. They have 256 bits, no prefix and no checksum, so
that none can be taken for a token, and each kind is digested in a domain of its own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from enum import Enum
from typing import Final

from counterfoil.kernel.entropy import Entropy

_BYTES: Final = 32
_FORM: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class Ticket(Enum):
    """What a ticket is for, by the domain of its digest."""

    COOKIE = b"counterfoil/cookie/v1\0"
    CODE = b"counterfoil/code/v1\0"
    FORM = b"counterfoil/form/v1\0"
    """What a form of ours carries, so that no other site can send it: derived from the cookie."""
    DEVICE = b"counterfoil/device/v1\0"
    ENTRY = b"counterfoil/entry/v1\0"
    FLOW = b"counterfoil/flow/v1\0"
    STATE = b"counterfoil/state/v1\0"
    BROWSER = b"counterfoil/browser/v1\0"
    CHALLENGE = b"counterfoil/challenge/v1\0"
    """What a passkey signs: 32 bytes, which a browser spells as the ticket is spelled."""


def draw(kind: Ticket, entropy: Entropy) -> tuple[str, bytes]:
    """Make a new ticket; return it, and what is kept of it."""
    drawn = base64.urlsafe_b64encode(entropy(_BYTES)).rstrip(b"=")
    return drawn.decode(), _kept(kind, drawn)


def digest(kind: Ticket, text: str) -> bytes | None:
    """Return what is kept of a ticket: 32 bytes; None for what cannot be one."""
    if _FORM.fullmatch(text) is None:
        return None
    return _kept(kind, text.encode())


def raw(ticket: str) -> bytes:
    """Return the 32 bytes of a ticket."""
    return base64.urlsafe_b64decode(f"{ticket}=")


def spelled(raw: bytes) -> str:
    """Return the ticket of these bytes; for other than 32 of them it is none."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def derive(label: bytes, flow: str, state: str) -> str:
    """Return what only the two tickets of a flow make together: 43 characters of base64url."""
    made = hmac.digest(flow.encode(), b"counterfoil/" + label + b"/v1\0" + state.encode(), "sha256")
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def _kept(kind: Ticket, drawn: bytes) -> bytes:
    return hashlib.sha256(kind.value + drawn).digest()
