"""Somebody who signs what they found, as GitHub does: its keys, and signed bodies."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from counterfoil.runtime.provider import Unreachable


@dataclass
class Finder:
    """One who signs with a key of their own; `asked` counts how often its keys were read."""

    key_id: str = "first"
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    asked: int = 0
    silent: bool = False
    said: Any = None

    def read(self) -> Any:
        """Say which keys there are, unless a test has it say something else, or nothing."""
        self.asked += 1
        if self.silent:
            message = "nobody answers"
            raise Unreachable(message)
        return self.keys() if self.said is None else self.said

    def keys(self) -> dict[str, Any]:
        """Return the public half as the address of GitHub spells it."""
        pem = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        one = {"key_identifier": self.key_id, "key": pem.decode(), "is_current": True}
        return {"public_keys": [one]}

    def sign(self, raw: bytes) -> str:
        """Return the signature of a body."""
        return base64.b64encode(self.key.sign(raw, ec.ECDSA(SHA256()))).decode()

    def headers(self, raw: bytes, **more: str) -> dict[str, str]:
        """Return the headers of a body that is signed."""
        return {
            "Content-Type": "application/json",
            "Github-Public-Key-Identifier": self.key_id,
            "Github-Public-Key-Signature": self.sign(raw),
            **more,
        }


def body(*tokens: str, url: str = "https://github.com/acme/site/blob/1/.env") -> bytes:
    """Return a body in which these strings were found."""
    return json.dumps(
        [{"token": one, "type": "cf_token", "url": url, "source": "commit"} for one in tokens]
    ).encode()
