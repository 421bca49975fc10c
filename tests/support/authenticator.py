"""An authenticator in software, which also signs what an honest one would not."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


@dataclass
class Authenticator:
    """One passkey on one device, and the browser before it.

    Each attribute may be set to what a dishonest one would say.
    """

    origin: str = "http://localhost:8400"
    host: str = "localhost"
    flags: int = PRESENT | VERIFIED
    count: int = 0
    credential: bytes = b"\x07" * 16
    handle: str | None = None
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def make(self, options: dict[str, Any]) -> str:
        """Make a passkey, as `navigator.credentials.create` does."""
        self.handle = options["user"]["id"]
        self.credential = hashlib.sha256(options["challenge"].encode()).digest()
        point = self.key.public_key().public_numbers()
        public = {
            1: 2,
            3: -7,
            -1: 1,
            -2: point.x.to_bytes(32, "big"),
            -3: point.y.to_bytes(32, "big"),
        }
        attested = (
            bytes(16) + struct.pack(">H", len(self.credential)) + self.credential
        ) + cbor2.dumps(public)
        said = {"fmt": "none", "attStmt": {}, "authData": self._data(ATTESTED) + attested}
        response = {
            "clientDataJSON": b64(self._client("webauthn.create", options)),
            "attestationObject": b64(cbor2.dumps(said)),
        }
        return self._answer(response)

    def sign(self, options: dict[str, Any]) -> str:
        """Sign a challenge, as `navigator.credentials.get` does."""
        self.count += 1
        client, data = self._client("webauthn.get", options), self._data(0)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": b64(client),
            "authenticatorData": b64(data),
            "signature": b64(signature),
            "userHandle": self.handle,
        }
        return self._answer(response)

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(said).encode()

    def _data(self, more: int) -> bytes:
        host = hashlib.sha256(self.host.encode()).digest()
        return host + struct.pack(">BI", self.flags | more, self.count)

    def _answer(self, response: dict[str, Any]) -> str:
        name = b64(self.credential)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
