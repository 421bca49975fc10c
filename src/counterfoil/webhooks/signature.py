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
from collections.abc import Sequence
from datetime import datetime
from typing import Final

SECRET_BYTES: Final = 32
SECRET_START: Final = "whsec_"  # noqa: S105 - how one begins


def spelled(secret: bytes) -> str:
    """Return a secret as its receiver's library takes it."""
    return SECRET_START + base64.b64encode(secret).decode("ascii")


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
