"""Assertions: a signed word on who sent a request, for an API that shall not have to trust headers.

A JSON Web Token (RFC 7519) signed with Ed25519 (RFC 8037), good for a minute, for one API, one
method and one address (S52). It is no credential: no door of ours takes it.

It says what the headers say, in their spelling, for whoever filters by it trusts none of them.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from counterfoil.gate.asked import Wanted
from counterfoil.gateway.identity import (
    ORGANIZATION,
    ROOTS,
    SCOPES,
    SUBJECT,
    TOKEN_ID,
    TOKEN_KIND,
    Headers,
)
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.ids import Prefix, spell

LIFE_S: Final = 60
ISSUER: Final = "counterfoil-gate"
_PERHAPS: Final = (("sub", SUBJECT), ("token", TOKEN_ID))
"""Absent where there is nothing to say. Roots never are: who has none says so."""


class Signer:
    """Signs with the key of a host.

    Args:
        key: its seed, 32 bytes.
        clock: what time it is.
    """

    def __init__(self, key: bytes, clock: Clock) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(key)
        self._now = clock.seconds
        public = self._key.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw
        )
        jwk = {"crv": "Ed25519", "kty": "OKP", "x": _base64(public).decode()}
        canonical = json.dumps(jwk, separators=(",", ":"), sort_keys=True).encode()
        self._kid = _base64(hashlib.sha256(canonical).digest()).decode()  # RFC 7638
        self._jwk = {**jwk, "kid": self._kid, "use": "sig", "alg": "EdDSA"}
        self._head = _json({"alg": "EdDSA", "kid": self._kid, "typ": "counterfoil+jwt"})

    def sign(self, headers: Headers, api: int, wanted: Wanted) -> str:
        """Return the word on a request that passes.

        Args:
            headers: what the API is told of who sent it, the same each time.
            api: which one that is.
            wanted: the request.
        """
        now, said = int(self._now()), dict(headers)
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": spell(Prefix.API, api),
            "iat": now,
            "exp": now + LIFE_S,
            "org": said[ORGANIZATION],
            "kind": said[TOKEN_KIND],
            "scope": said[SCOPES],
            "roots": said[ROOTS],
            "htm": wanted.method,
            "htu": wanted.target,
        }
        claims |= {name: said[of] for name, of in _PERHAPS if said[of]}
        signed = self._head + b"." + _json(claims)
        return (signed + b"." + _base64(self._key.sign(signed))).decode()

    def keys(self) -> bytes:
        """Return the key that verifies them, as a JWK Set (RFC 7517)."""
        return json.dumps({"keys": [self._jwk]}).encode()


def _json(said: dict[str, Any]) -> bytes:
    return _base64(json.dumps(said, separators=(",", ":")).encode())


def _base64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")
