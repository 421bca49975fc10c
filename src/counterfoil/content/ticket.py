"""Tickets: the authority of one upload, which its address carries, because no header does.

A ticket is sealed with a key of the server. It says whose file comes, under which name, how large
it may be, and until when; whoever changes any of it has no ticket.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final

import msgspec

from counterfoil.kernel.errors import Code, NotFound
from counterfoil.kernel.ids import OrganizationId

_MAC_BYTES: Final = 32
_DOMAIN: Final = b"counterfoil/upload/v1\0"
_LONGEST: Final = 400


class Ticket(msgspec.Struct, frozen=True, array_like=True):
    """Leave to upload one file of `least` to `largest` bytes until `expires` (Unix seconds)."""

    organization: OrganizationId
    upload: str
    least: int
    largest: int
    expires: int


_decoder: Final = msgspec.json.Decoder(Ticket)


def seal(key: bytes, ticket: Ticket) -> str:
    """Return a ticket as a segment of an address."""
    said = msgspec.json.encode(ticket)
    return base64.urlsafe_b64encode(_mac(key, said) + said).rstrip(b"=").decode("ascii")


def unseal(key: bytes, text: str, now: float) -> Ticket:
    """Return the ticket that an address carries.

    Raises:
        NotFound: if it was not sealed with this key, or its time is over.
    """
    try:
        sealed = base64.b64decode(
            text[:_LONGEST] + "=" * (-len(text) % 4), altchars=b"-_", validate=True
        )
    except ValueError:
        raise _foreign() from None
    mac, said = sealed[:_MAC_BYTES], sealed[_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(key, said)):
        raise _foreign()
    ticket = _decoder.decode(said)
    if ticket.expires <= now:
        raise NotFound(Code.NOT_FOUND, "The time of this upload is over: ask for another one.")
    return ticket


def _mac(key: bytes, said: bytes) -> bytes:
    return hmac.new(key, _DOMAIN + said, hashlib.sha256).digest()


def _foreign() -> NotFound:
    return NotFound(Code.NOT_FOUND, "Nobody was given this address to upload to.")
