"""Who signs what they found of our tokens, and whether a message is theirs (S15).

They name their public keys at an address of theirs, or the operator keeps them in a file, in the
form of GitHub: `{"public_keys": [{"key_identifier": "…", "key": "-----BEGIN PUBLIC KEY-----…"}]}`.
A signature is ECDSA on P-256 with SHA-256 over the body as it came, DER in Base64.
"""

from __future__ import annotations

import base64
import binascii
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol

import msgspec
import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from counterfoil.kernel.clock import Clock
from counterfoil.runtime.openid.elsewhere import Elsewhere
from counterfoil.runtime.provider import Unreachable

LIFE: Final = timedelta(minutes=30)
"""So long keys are believed that were read once."""
PATIENCE: Final = timedelta(minutes=1)
"""So long nobody is asked again for a key that they did not name."""

log = structlog.get_logger(__name__)


class Finders(Protocol):
    """Tells their messages from those of others."""

    def signed(self, key_id: str, signature: str, raw: bytes) -> bool:
        """Say whether a body is signed with the key that is named.

        Raises:
            Unreachable: if that cannot be known now.
        """
        ...


class _Key(msgspec.Struct):
    key_identifier: str
    key: str


class _Named(msgspec.Struct):
    public_keys: list[_Key]


class PublicKeys:
    """The public keys of somebody who signs.

    Args:
        read: returns what they say of their keys, or raises Unreachable.
        clock: tells how old that is.
    """

    def __init__(self, read: Callable[[], object], clock: Clock) -> None:
        self._read = read
        self._clock = clock
        self._keys: Mapping[str, EllipticCurvePublicKey] = {}
        self._asked_at: datetime | None = None
        self._answered = False
        self._lock = threading.Lock()

    def signed(self, key_id: str, signature: str, raw: bytes) -> bool:
        """Say whether a body is signed with the key that is named: see `Finders`."""
        key = self._key(key_id)
        if key is None:
            return False
        try:
            key.verify(base64.b64decode(signature, validate=True), raw, ECDSA(SHA256()))
        except (InvalidSignature, binascii.Error, ValueError):
            return False
        return True

    def _key(self, key_id: str) -> EllipticCurvePublicKey | None:
        with self._lock:
            if self._is_due(key_id):
                self._ask()
            if key_id not in self._keys and not self._answered:
                message = "whose keys these are cannot be asked now"
                raise Unreachable(message)
            return self._keys.get(key_id)

    def _is_due(self, key_id: str) -> bool:
        if self._asked_at is None:
            return True
        age = self._clock() - self._asked_at
        return age >= LIFE or (key_id not in self._keys and age >= PATIENCE)

    def _ask(self) -> None:
        """Read the keys anew; where that fails, those that are known go on."""
        self._asked_at, self._answered = self._clock(), False
        try:
            self._keys = keys_in(self._read())
        except Unreachable as error:
            log.warning("public keys cannot be read", error=str(error))
        else:
            self._answered = True


def keys_at(url: str, clock: Clock) -> PublicKeys:
    """Return the keys that somebody names at an address, which is asked when one is wanted."""
    there = Elsewhere(url)
    return PublicKeys(lambda: there.get(url), clock)


def keys_in(said: object) -> dict[str, EllipticCurvePublicKey]:
    """Return the keys that somebody names, by how they call them.

    Raises:
        Unreachable: for anything else than keys on P-256.
    """
    try:
        named = msgspec.convert(said, _Named).public_keys
        return {one.key_identifier: _key_in(one.key) for one in named}
    except (msgspec.ValidationError, ValueError) as error:
        message = f"what is said of public keys names none: {error}"
        raise Unreachable(message) from None


def _key_in(pem: str) -> EllipticCurvePublicKey:
    key = load_pem_public_key(pem.encode())
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key
    message = "a key is not on P-256"
    raise ValueError(message)
