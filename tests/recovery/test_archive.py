"""The file of a backup: what was cut short, changed or made up is told from a whole one."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.recovery.archive import (
    SQLITE,
    Checkpoint,
    Manifest,
    Member,
    UnfitError,
    Writer,
    read,
)
from counterfoil.recovery.restore import require_name

END: Final = Checkpoint("0032", "cf", 1, 7, 9, 1)
FILE: Final = f"files/1000000000000001/ab/ab{'0' * 62}"


class Taken:
    """What was taken out of a backup, by name."""

    def __init__(self) -> None:
        self.found: dict[str, bytes] = {}

    @contextmanager
    def sink(self, name: str) -> Iterator[BinaryIO]:
        out = io.BytesIO()
        yield out
        self.found[name] = out.getvalue()


def written(folder: Path) -> bytes:
    """A small backup."""
    out = io.BytesIO()
    writer = Writer(out)
    for name, raw in ((SQLITE, b"database" * 200), (FILE, b"a picture")):
        (folder / "member").write_bytes(raw)
        writer.add(name, folder / "member")
    writer.seal("0.1.0", 1, SQLITE, END)
    return out.getvalue()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return written(tmp_path_factory.mktemp("whole"))


def test_round_trip(whole: bytes) -> None:
    """What is taken out is what was put in, and the manifest says where the books end (R12)."""
    taken = Taken()
    manifest = read(io.BytesIO(whole), taken.sink)
    assert taken.found == {SQLITE: b"database" * 200, FILE: b"a picture"}
    assert (manifest.checkpoint, [member.name for member in manifest.members]) == (
        END,
        [SQLITE, FILE],
    )


@given(cut=st.integers(min_value=0))
def test_cut_short(whole: bytes, cut: int) -> None:
    """No beginning of a backup is one, wherever it was cut: it is refused (R12).

    At its end stands only what fills the last block of a tar up.
    """
    with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
        last = tar.getmembers()[-1]
    with pytest.raises(UnfitError):
        read(io.BytesIO(whole[: cut % (last.offset_data + last.size)]), Taken().sink)


@given(at=st.integers(min_value=0), flip=st.integers(1, 255))
def test_changed(whole: bytes, at: int, flip: int) -> None:
    """Whichever byte is changed, a backup is refused, or what is taken out is the same (R12)."""
    changed, at = bytearray(whole), at % len(whole)
    changed[at] ^= flip
    true, taken = Taken(), Taken()
    said = read(io.BytesIO(whole), true.sink)
    try:
        manifest = read(io.BytesIO(bytes(changed)), taken.sink)
    except UnfitError:
        return
    assert (manifest, taken.found) == (said, true.found)


def _made_up(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for info, raw in members:
            info.size = len(raw)
            tar.addfile(info, io.BytesIO(raw))
    return out.getvalue()


def _named(name: str, raw: bytes = b"", kind: bytes = tarfile.REGTYPE) -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, "/etc/passwd"
    return _made_up((info, raw))


@pytest.mark.parametrize(
    "made",
    [
        b"",
        b"not a tar at all",
        _named("../office.sqlite"),
        _named("/etc/passwd"),
        _named("files/1/ab/../../../x"),
        _named(SQLITE, kind=tarfile.SYMTYPE),
        _named(SQLITE, kind=tarfile.LNKTYPE),
        _named(SQLITE, kind=tarfile.FIFOTYPE),
        _named("manifest.json", b"{}"),
    ],
)
def test_made_up(made: bytes) -> None:
    """What is no backup of ours is refused, and nothing of it leaves the place for it."""
    taken = Taken()
    with pytest.raises(UnfitError):
        read(io.BytesIO(made), taken.sink)
    assert set(taken.found) <= {SQLITE}


def _sealed(body: bytes, *, database: bytes = b"x") -> bytes:
    return _made_up(
        (tarfile.TarInfo(SQLITE), database),
        (tarfile.TarInfo("manifest.json"), body),
        (tarfile.TarInfo("manifest.sha256"), sha256(body).hexdigest().encode()),
    )


def test_of_a_newer_program() -> None:
    """A format of a later version is refused by saying so."""
    with pytest.raises(UnfitError, match="newer program"):
        read(io.BytesIO(_sealed(b'{"kind":"counterfoil-backup","version":2}')), Taken().sink)


@pytest.mark.parametrize("size", [0, 2])
def test_another_digest(size: int) -> None:
    """A file that is not what the manifest says is named, be the manifest sealed or not (R12)."""
    manifest = Manifest(
        "counterfoil-backup", 1, "0.1.0", 1, SQLITE, END, (Member(SQLITE, size, "0" * 64),)
    )
    with pytest.raises(UnfitError, match=SQLITE):
        read(io.BytesIO(_sealed(msgspec.json.encode(manifest))), Taken().sink)


def test_a_draft() -> None:
    """What is left of a backup that was never finished is no backup, whatever is in it (R12)."""
    with pytest.raises(UnfitError, match="never finished"):
        require_name(Path("/backups/.monday.1a2b3c4d.draft/whole"))
