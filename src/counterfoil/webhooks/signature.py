"""Signing: who gets a message knows that it is ours and fresh (Standard Webhooks 1.0).

    webhook-id: msg_4031846205310216
    webhook-timestamp: 1772366400
    webhook-signature: v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=

What is signed is `id.timestamp.body`; while a secret is replaced, both sign.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

SECRET_BYTES: Final = 32
LATE_S: Final = 300
"""A message that was signed so many seconds ago may be somebody else's, told again."""
_STAMP_DIGITS: Final = 12
SECRET_START: Final = "whsec_"  # noqa: S105 - how one begins


def spelled(secret: bytes) -> str:
    """Return a secret as its receiver's library takes it."""
    return SECRET_START + base64.b64encode(secret).decode("ascii")


def read_secret(text: str) -> bytes:
    """Read a secret as `spelled` gives it.

    Raises:
        ValueError: for what is none.
    """
    if not text.startswith(SECRET_START):
        message = f"a secret begins with {SECRET_START}"
        raise ValueError(message)
    return base64.b64decode(text.removeprefix(SECRET_START), validate=True)


def holds(secret: bytes, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Say whether a secret has signed a message lately; headers stand under lower-case names."""
    stamp = headers.get("webhook-timestamp", "")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= _STAMP_DIGITS):
        return False
    if abs(now.timestamp() - int(stamp)) > LATE_S:
        return False
    at = datetime.fromtimestamp(int(stamp), UTC)
    ours = signed([secret], headers.get("webhook-id", ""), at, body)["webhook-signature"].encode()
    shown = headers.get("webhook-signature", "").encode().split(b" ")
    return any(hmac.compare_digest(ours, one) for one in shown)


def signed(secrets: Sequence[bytes], id_: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the headers that say whose message this is."""
    stamp = str(int(at.timestamp()))
    whole = f"{id_}.{stamp}.".encode() + body
    signatures = [
        "v1," + base64.b64encode(hmac.new(one, whole, hashlib.sha256).digest()).decode("ascii")
        for one in secrets
    ]
    return {
        "webhook-id": id_,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(signatures),
    }
