"""What was answered for stays, names and all, if the power is cut in the next moment (R5).

`make chaos ARGS=power` cuts it at every moment, on a disk that forgets. Here it is seen that each
name is waited for which that found to be lost.
"""

from __future__ import annotations

import hashlib
import os
import random
from pathlib import Path

import pytest

from counterfoil.gateway.witness import Witness
from counterfoil.runtime.files import Files
from counterfoil.runtime.keyfile import key_in
from counterfoil.runtime.lasting import make_folder
from counterfoil.runtime.places import Places


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """What is waited for, each with what names it had then, as `folder/name`."""
    seen: list[Path] = []
    usual = os.fsync

    def fsync(file: int) -> None:
        path = Path(f"/proc/self/fd/{file}").resolve()
        seen.extend(path.iterdir() if path.is_dir() else [])
        usual(file)

    monkeypatch.setattr(os, "fsync", fsync)
    return seen


def test_a_folder(tmp_path: Path, flushed: list[Path]) -> None:
    """Of a folder that is made with those above it, each name is waited for."""
    make_folder(tmp_path / "a" / "b")
    assert {tmp_path / "a", tmp_path / "a" / "b"} <= set(flushed)


def test_a_data_directory(tmp_path: Path, flushed: list[Path]) -> None:
    """The data directory is there to stay before anything is kept in it."""
    Places(tmp_path / "srv" / "data").prepare()
    assert {tmp_path / "srv", tmp_path / "srv" / "data"} <= set(flushed)


def test_a_key(tmp_path: Path, flushed: list[Path]) -> None:
    """A key that is made is there to stay: what is sealed under it would be refused without."""
    key_in(tmp_path / "seal.key", random.Random(1).randbytes)
    assert tmp_path / "seal.key" in flushed


def test_the_file_of_an_asset(tmp_path: Path, flushed: list[Path]) -> None:
    """A file that was adopted is there to stay, with each folder above it."""
    files = Files(tmp_path / "files", random.Random(1).randbytes)
    digest = hashlib.sha256(b"bytes").hexdigest()
    files.receive(7, "0123456789abcdef0123456789abcdef", [b"bytes"])
    files.adopt(7, "0123456789abcdef0123456789abcdef", digest)
    below = tmp_path / "files" / "7" / digest[:2] / digest
    assert {below, *below.parents[:3]} <= set(flushed)


def test_what_a_witness_has_seen(tmp_path: Path, flushed: list[Path]) -> None:
    """A checkpoint that is kept is there to stay, before an older one goes."""
    Witness(tmp_path / "seen").look("counterfoil\n12\nroot\nepoch 1\n-\n\nsigned\n")
    assert {tmp_path / "seen", tmp_path / "seen" / "1-12"} <= set(flushed)
