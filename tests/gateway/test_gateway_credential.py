"""The file by which a gate is known to its office."""

from __future__ import annotations

from pathlib import Path

import pytest

from counterfoil.gateway.credential import Credential, CredentialError
from counterfoil.kernel.entropy import system_entropy
from counterfoil.runtime.signing import Signer
from counterfoil.secret import Kind, Secret


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """A credential is written for its owner alone and read back; one open to others is not."""
    path = tmp_path / "gate"
    key = Signer("counterfoil.feed", bytes(32)).public
    made = Credential(Secret.mint(Kind.GATE, system_entropy, "cf"), key)
    made.write(path)
    assert Credential.read(path).secret.digest == made.secret.digest
    path.chmod(0o640)
    with pytest.raises(CredentialError, match="chmod 600"):
        Credential.read(path)
