"""Files that hold a secret: for us alone, or shown to our group by whoever mounts them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from counterfoil.client.errors import CredentialUnusable
from counterfoil.client.surroundings import token_in
from counterfoil.gateway.credential import Credential, CredentialError
from counterfoil.runtime.entrance import EntranceError, entrance
from counterfoil.runtime.keyfile import KeyFileError, key_kept_in
from counterfoil.runtime.secretfile import SecretFileError, secret_in

READERS: list[tuple[Callable[[Path], object], type[Exception], str]] = [
    (token_in, CredentialUnusable, "can be read by others"),
    (secret_in, SecretFileError, "others may read"),
    (key_kept_in, KeyFileError, "others can read it"),
    (lambda path: entrance("tls://bus:4222", str(path)), EntranceError, "others may read"),
    (Credential.read, CredentialError, "others may read"),
]


def is_refused(reader: tuple[Callable[[Path], object], type[Exception], str], file: Path) -> bool:
    """Say whether a reader refuses a file for its mode; whatever else is wrong with it may be."""
    read, error, why = reader
    try:
        read(file)
    except error as told:
        return why in str(told)
    return False


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader[1].__name__)
@pytest.mark.parametrize(
    ("mode", "ours", "refused"),
    [
        (0o600, True, False),
        (0o440, True, True),
        (0o604, True, True),
        (0o440, False, False),
        (0o640, False, False),
        (0o460, False, True),
        (0o444, False, True),
    ],
    ids=oct,
)
def test_who_may_read_it(
    reader: tuple[Callable[[Path], object], type[Exception], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mode: int,
    *,
    ours: bool,
    refused: bool,
) -> None:
    """Our own is for us alone; what is mounted for us our group may read, and no others (S16)."""
    file = tmp_path / "secret"
    file.write_text("user:" + "s" * 27)
    file.chmod(mode)
    owner = file.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner if ours else owner + 1)
    assert is_refused(reader, file) is refused
