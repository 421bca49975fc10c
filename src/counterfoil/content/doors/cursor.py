"""Cursors: opaque, sealed, and good for one caller's one list alone (S35)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Final

import msgspec

from counterfoil.content.store.wish import Last
from counterfoil.kernel.errors import Code, Malformed

_SEAL_BYTES: Final = 16
_DOMAIN: Final = b"counterfoil/cursor/v1\0"
_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(Last)


def seal(key: bytes, context: str, last: Last) -> str:
    """Return a cursor that goes on after this row, in this context alone."""
    named = _encoder.encode(last)
    sealed = _mac(key, context, named) + named
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode("ascii")


def unseal(key: bytes, context: str, cursor: str) -> Last:
    """Return the row after which a cursor goes on.

    Raises:
        Malformed: for a cursor that was not sealed with this key in this context.
    """
    try:
        sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise _foreign() from None
    mac, named = sealed[:_SEAL_BYTES], sealed[_SEAL_BYTES:]
    if not hmac.compare_digest(mac, _mac(key, context, named)):
        raise _foreign()
    return _decoder.decode(named)


def _mac(key: bytes, context: str, named: bytes) -> bytes:
    told = _DOMAIN + context.encode() + b"\0" + named
    return hmac.new(key, told, hashlib.sha256).digest()[:_SEAL_BYTES]


def _foreign() -> Malformed:
    return Malformed(
        Code.INVALID_REQUEST,
        "The parameter 'page[after]' is not a cursor of this list.",
        meta={"parameter": "page[after]"},
    )
