"""Signed notes (C2SP: signed-note): a short text that anybody can check who has the public key.

    counterfoil.audit/5f0c…            the text: lines, each ended
    1207
    …
                                       an empty line
    — counterfoil.audit/5f0c… bWQ…     an em dash, who signed, and the signature

A public key is spelled `<name>+<8 hex>+<base64>`; the hex is a hash of the rest.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from counterfoil.kernel.plain import PlainError

_ED25519: Final = b"\x01"
_HINT: Final = 4
_KEY: Final = 32
MARK_BYTES: Final = 64
_DASH: Final = "— "


class NoteError(PlainError, ValueError):
    """A note or a key that is none, or a signature that does not hold."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """By what a signature is checked."""

    name: str
    raw: bytes

    @property
    def hint(self) -> bytes:
        """The four bytes by which a signature says which key it is of."""
        return sha256(f"{self.name}\n".encode() + _ED25519 + self.raw).digest()[:_HINT]

    def __str__(self) -> str:
        """Spell it."""
        return f"{self.name}+{self.hint.hex()}+{b64encode(_ED25519 + self.raw).decode()}"

    def require(self, raw: bytes, mark: bytes) -> None:
        """Return if these bytes bear a mark of this key.

        Raises:
            NoteError: if they do not.
        """
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(mark, _named(self.name, raw))
        except InvalidSignature:
            message = f"it is not signed by {self.name}"
            raise NoteError(message) from None

    @classmethod
    def read(cls, text: str) -> PublicKey:
        """Return the key that is spelled so.

        Raises:
            NoteError: if none is.
        """
        name, _, rest = text.strip().partition("+")
        hint, _, coded = rest.partition("+")
        raw = _decoded(coded)
        key = cls(name, raw[1:])
        if raw[:1] != _ED25519 or len(key.raw) != _KEY or key.hint.hex() != hint:
            message = "this is no public key"
            raise NoteError(message)
        return key


class Signer:
    """Signs notes under a key of 32 bytes, in a name that says which key it is."""

    def __init__(self, purpose: str, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        raw = self._key.public_key().public_bytes_raw()
        self.public = PublicKey(f"{purpose}/{sha256(raw).hexdigest()[:16]}", raw)

    def sign(self, text: str) -> str:
        """Return a text, whose lines are all ended, as a signed note."""
        signature = self.public.hint + self._key.sign(text.encode())
        return f"{text}\n{_DASH}{self.public.name} {b64encode(signature).decode()}\n"

    def mark(self, raw: bytes) -> bytes:
        """Return a signature of bytes that are no note, good under this name alone."""
        return self._key.sign(_named(self.public.name, raw))


def _named(name: str, raw: bytes) -> bytes:
    """Return what is signed of bytes: no note begins with a zero, so none can be taken for it."""
    return b"\0" + name.encode() + b"\0" + raw


def opened(note: str, key: PublicKey) -> str:
    """Return the text of a note that was signed under a key.

    Raises:
        NoteError: if it was not, or is no note.
    """
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    begin = f"{_DASH}{key.name} "
    public = Ed25519PublicKey.from_public_bytes(key.raw)
    for line in signatures.splitlines():
        signature = _decoded(line.removeprefix(begin)) if line.startswith(begin) else b""
        if signature[:_HINT] == key.hint:
            try:
                public.verify(signature[_HINT:], text.encode())
            except InvalidSignature:
                break
            return text
    message = f"it is not signed by {key.name}"
    raise NoteError(message)


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
