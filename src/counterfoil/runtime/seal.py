"""Seals over rows: who can write to the database and lacks the key cannot give anybody power (S5).

A seal is a keyed digest of what a row says. The key lies in a file beside the program, and neither
in the database nor in a backup of it; a connection carries it, so that stores can seal and see.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

OPTION: Final = "seal"
"""The option of an engine's connections under which they carry the seal."""

_PURPOSE: Final = b"counterfoil/seal/v1\0"
_NAME_CHARS: Final = 16
_encode: Final = msgspec.msgpack.Encoder(order="deterministic").encode


class Seal:
    """Seals and compares under one key, of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @property
    def name(self) -> str:
        """What names the key and tells nothing of it."""
        return sha256(_PURPOSE + self._key).hexdigest()[:_NAME_CHARS]

    def over(self, said: list[Any]) -> bytes:
        """Return the seal over texts, numbers, bytes, and lists and objects of them; 32 bytes."""
        return hmac.digest(self._key, _PURPOSE + _encode(said), "sha256")

    def derived(self, purpose: bytes, said: list[Any]) -> bytes:
        """Return what only this key makes of this, for a purpose that is no seal; 32 bytes."""
        label = b"counterfoil/" + purpose + b"/v1\0"
        return hmac.digest(self._key, label + _encode(said), "sha256")

    def holds(self, kept: bytes | None, said: list[Any]) -> bool:
        """Say whether what was kept is the seal over this."""
        return kept is not None and hmac.compare_digest(bytes(kept), self.over(said))


def seal_of(tx: Connection) -> Seal | None:
    """Return the seal that a connection carries; None where rows are not sealed."""
    found: Seal | None = tx.get_execution_options().get(OPTION)
    return found
