"""The file by which a gate is known to its office, and its office to it.

    cfg_…                       the credential, which the office knows by its digest
    counterfoil.feed/…+…+…      the key under which the office signs what it tells

`counterfoil gates add` makes it. It is a secret: its owner alone may read it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from counterfoil.kernel.plain import in_words
from counterfoil.kernel.private import read_private
from counterfoil.runtime.signing import NoteError, PublicKey
from counterfoil.secret import Kind, Secret, found_in

_PRIVATE: Final = 0o600


class CredentialError(Exception):
    """A file that is no credential of a gate, or that others may read."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What a gate shows, and by what it knows the office's word."""

    secret: Secret
    key: PublicKey

    def write(self, path: Path) -> None:
        """Write it down, for its owner alone.

        Raises:
            FileExistsError: if there is something of that name.
        """
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _PRIVATE)
        with open(file, "w", encoding="ascii") as out:  # noqa: PTH123 - by its descriptor, made private
            out.write(f"{self.secret.reveal()}\n{self.key}\n")

    @classmethod
    def read(cls, path: Path) -> Credential:
        """Return what is in a file.

        Raises:
            CredentialError: if it is none, or others may read it.
        """
        try:
            held, private = read_private(path)
            text = held.decode("ascii").replace("\r\n", "\n")
        except (OSError, UnicodeDecodeError) as error:
            message = f"{path} cannot be read: {in_words(error)}"
            raise CredentialError(message) from None
        if not private:
            message = f"others may read {path}: chmod 600 it"
            raise CredentialError(message)
        secret, _, key = text.partition("\n")
        whole = list(found_in(secret)) == [(0, len(secret))]
        if not whole or secret[secret.index("_") - 1] != Kind.GATE:
            message = f"{path} holds no credential of a gate: `counterfoil gates add` makes one"
            raise CredentialError(message)
        try:
            return cls(Secret(secret), PublicKey.read(key))
        except NoteError:
            message = f"{path} does not say under which key the office signs"
            raise CredentialError(message) from None
