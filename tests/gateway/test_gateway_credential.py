"""The file by which a gate is known to its office: who may read it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from counterfoil.gateway.credential import Credential, CredentialError
from counterfoil.kernel.entropy import system_entropy
from counterfoil.runtime.secretfile import is_open
from counterfoil.runtime.signing import Signer
from counterfoil.secret import Kind, Secret

OURS, ROOTS = os.geteuid(), os.geteuid() + 1


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


@pytest.mark.parametrize(
    ("owner", "mode", "is_refused"),
    [
        (OURS, 0o600, False),
        (OURS, 0o400, False),
        (OURS, 0o440, True),
        (ROOTS, 0o440, False),
        (ROOTS, 0o460, True),
        (ROOTS, 0o444, True),
    ],
)
def test_who_else_may_read_it(owner: int, mode: int, *, is_refused: bool) -> None:
    """What somebody else owns may be shown to our group, as Kubernetes and systemd do it; no more.

    A file of ours is ours alone.
    """
    status = os.stat_result((0o100000 | mode, 0, 0, 1, owner, 0, 0, 0, 0, 0))
    assert is_open(status) is is_refused
