"""Seals over rows: who can write to the database and lacks the key cannot give anybody power (S5).

A seal is a keyed digest of what a row says. The key lies in a file beside the program, and neither
in the database nor in a backup of it; a connection carries it, so that stores can seal and see.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from enum import Enum
from hashlib import sha256
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from counterfoil.kernel.clock import micros

OPTION: Final = "seal"
"""The option of an engine's connections under which they carry the seal."""

_PURPOSE: Final = b"counterfoil/seal/v1\0"
_WITH_DIRECTORY: Final = b"counterfoil/seal/v1/directory\0"
_WITH_CUT_OFFS: Final = b"counterfoil/seal/v1/cut-offs\0"
_NAME_CHARS: Final = 16
_BLOCK_BYTES: Final = 64
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))
_encode: Final = msgspec.msgpack.Encoder(order="deterministic").encode


def spelled(said: list[Any]) -> msgspec.Raw:
    """Return a part of what a seal is over as it goes into it, to be said again and again.

    Raises:
        TypeError, ValueError, OverflowError: for what no seal is over.
    """
    return msgspec.Raw(_encode(said))


class Seal:
    """Seals and compares under one key, of 32 bytes.

    Args:
        key: the key.
        spans_directory: whether what the directory holds counts as sealed, too. If not, its rows
            are sealed as they are written and believed as they are: servers may still run that
            write them without.
        spans_cut_offs: whether every organization has a row that says up to where its tokens are
            dead, so that one that is gone was taken away. Only where the directory is sealed.
    """

    def __init__(
        self, key: bytes, *, spans_directory: bool = True, spans_cut_offs: bool = True
    ) -> None:
        self._key = key
        block = (sha256(key).digest() if len(key) > _BLOCK_BYTES else key).ljust(
            _BLOCK_BYTES, b"\0"
        )
        self._inner = sha256(block.translate(_INNER) + _PURPOSE)
        self._outer = sha256(block.translate(_OUTER))
        self.spans_directory = spans_directory
        self.spans_cut_offs = spans_directory and spans_cut_offs

    @property
    def name(self) -> str:
        """What names the key and how far it reaches, and tells nothing else of it."""
        said = _WITH_DIRECTORY if self.spans_directory else _PURPOSE
        if self.spans_cut_offs:
            said = _WITH_CUT_OFFS
        return sha256(said + self._key).hexdigest()[:_NAME_CHARS]

    @property
    def of_tokens(self) -> Seal:
        """The same key where tokens alone count as sealed."""
        return Seal(self._key, spans_directory=False)

    @property
    def of_directory(self) -> Seal:
        """The same key where an organization may have no row of its cut-off yet."""
        return Seal(self._key, spans_cut_offs=False)

    def over(self, said: list[Any]) -> bytes:
        """Return the seal over texts, numbers, bytes, and lists and objects of them; 32 bytes.

        It is HMAC (RFC 2104) in its two halves, of which each goes on from where the key was taken
        in: to do that anew for each seal, as the library does, takes three times as long.
        """
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(_encode(said))
        outer.update(inner.digest())
        return outer.digest()

    def derived(self, purpose: bytes, said: list[Any]) -> bytes:
        """Return what only this key makes of this, for a purpose that is no seal; 32 bytes."""
        label = b"counterfoil/" + purpose + b"/v1\0"
        return hmac.digest(self._key, label + _encode(said), "sha256")

    def holds(self, kept: bytes | None, said: list[Any]) -> bool:
        """Say whether what was kept is the seal over this; never so of what none can be over."""
        try:
            return kept is not None and hmac.compare_digest(bytes(kept), self.over(said))
        except (TypeError, ValueError, OverflowError):  # a number too large, a text for a seal
            return False


def seal_of(tx: Connection) -> Seal | None:
    """Return the seal that a connection carries; None where rows are not sealed."""
    found: Seal | None = tx.get_execution_options().get(OPTION)
    return found


def plain(value: Any) -> Any:  # noqa: ANN401 - what a column holds
    """Return a value as a seal is over it: an instant as microseconds, one of a list as a word."""
    if not isinstance(value, (datetime, Enum)):
        return value
    return micros(value) if isinstance(value, datetime) else value.value
