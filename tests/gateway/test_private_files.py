"""Files that hold a secret: for us alone, or shown to our group by whoever mounts them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from counterfoil.client.errors import CredentialUnusable
from counterfoil.client.surroundings import token_in
from counterfoil.gateway.credential import Credential, CredentialError
from counterfoil.kernel import private
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
    ("mode", "whose", "refused"),
    [
        (0o600, "ours", False),
        (0o440, "ours", True),
        (0o604, "ours", True),
        (0o440, "root's", False),
        (0o640, "root's", False),
        (0o460, "root's", True),
        (0o444, "root's", True),
        (0o600, "another's", False),
        (0o440, "another's", True),
        (0o640, "another's", True),
    ],
)
def test_who_may_read_it(
    reader: tuple[Callable[[Path], object], type[Exception], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mode: int,
    whose: str,
    *,
    refused: bool,
) -> None:
    """Anybody's is for them alone; what root mounts for us our group may read, no others (S16)."""
    file = tmp_path / "secret"
    file.write_text("user:" + "s" * 27)
    file.chmod(mode)
    owner = file.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner if whose == "ours" else owner + 1)
    monkeypatch.setattr(private, "_ROOT", owner if whose == "root's" else owner + 2)
    assert is_refused(reader, file) is refused


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader[1].__name__)
def test_the_file_that_is_read_is_judged(
    reader: tuple[Callable[[Path], object], type[Exception], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file that others may read is refused, though a private one takes its place then (S16)."""
    for name, mode in (("secret", 0o644), ("private", 0o600)):
        file = tmp_path / name
        file.write_text("user:" + "s" * 27)
        file.chmod(mode)
    then = (tmp_path / "private").stat()
    monkeypatch.setattr(Path, "stat", lambda _path, **_how: then)
    assert is_refused(reader, tmp_path / "secret")
