"""A backup as one file: a tar whose last two members say what all the others must be.

    office.sqlite, or office.dump     the database
    files/<organization>/<ab>/<…>     the files of assets, each under its SHA-256
    manifest.json                     what this is, where the feed ended, and each member's digest
    manifest.sha256                   the digest of the manifest

So what was cut short has no manifest, and what was changed does not fit it. No key is in it.
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Final, Literal

import msgspec

from counterfoil.kernel.headway import Stage, Tell, nobody

VERSION: Final = 1
SQLITE: Final = "office.sqlite"
DUMP: Final = "office.dump"
FILES: Final = "files/"
_MANIFEST: Final = "manifest.json"
_SEAL: Final = "manifest.sha256"
_FILE: Final = re.compile(FILES + r"[0-9]{1,19}/([0-9a-f]{2})/(\1[0-9a-f]{62})")
_MOST_MANIFEST: Final = 1 << 30
_PIECE: Final = 1 << 20
_MODE: Final = 0o600
_WRITING: Final = Stage("Writing", in_bytes=True)

Sink = Callable[[str], AbstractContextManager[BinaryIO]]
"""Opens where a member goes, by its name."""


class UnfitError(Exception):
    """What was given is no backup that can be restored here; the message says why."""


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a backup."""

    name: str
    size: int
    sha256: str


class Checkpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the books end in a backup.

    Attributes:
        revision: of the tables.
        prefix: how the tokens of the installation begin.
        epoch, position: of the feed.
        audit_position: of the audit trail.
        last_at: the instant of the last event of the feed, in Unix microseconds.
    """

    revision: str
    prefix: str
    epoch: int
    position: int
    audit_position: int
    last_at: int | None


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup says of itself.

    Attributes:
        kind: tells it from every other tar.
        version: of this format.
        program: the version of the program that wrote it.
        made_at: Unix microseconds.
        database: the member that is the database.
        members: all files but the manifest and its seal, in their order.
    """

    kind: Literal["counterfoil-backup"]
    version: int
    program: str
    made_at: int
    database: str
    checkpoint: Checkpoint
    members: tuple[Member, ...]


class Writer:
    """Writes a backup from its beginning to its end."""

    def __init__(self, out: BinaryIO, tell: Tell = nobody) -> None:
        self._tar = tarfile.open(  # noqa: SIM115 - closed by `seal`
            fileobj=out, mode="w|", format=tarfile.PAX_FORMAT
        )
        self._members: list[Member] = []
        self._tell = tell
        self._bytes = 0

    def add(self, name: str, path: Path) -> None:
        """Put a file in.

        Raises:
            FileNotFoundError: if it is not there.
        """
        with path.open("rb") as file:
            info = _info(name, path.stat().st_size)
            read = _Digesting(file, self._count)
            self._tar.addfile(info, read)
        self._members.append(Member(name, info.size, read.digest.hexdigest()))

    def _count(self, read: int) -> None:
        self._bytes += read
        self._tell(_WRITING, self._bytes)

    def seal(self, program: str, made_at: int, database: str, checkpoint: Checkpoint) -> Manifest:
        """Say what was put in, and end."""
        manifest = Manifest(
            "counterfoil-backup",
            VERSION,
            program,
            made_at,
            database,
            checkpoint,
            tuple(self._members),
        )
        body = msgspec.json.encode(manifest)
        for name, raw in ((_MANIFEST, body), (_SEAL, hashlib.sha256(body).hexdigest().encode())):
            self._tar.addfile(_info(name, len(raw)), io.BytesIO(raw))
        self._tar.close()
        return manifest


def read(source: BinaryIO, sink: Sink) -> Manifest:
    """Take a backup out, and return its manifest if all of it is as that says.

    Args:
        source: the backup, from its beginning.
        sink: where each file goes; what went there counts only once this has returned.

    Raises:
        UnfitError: for what is no backup, or not a whole one.
    """
    found: list[Member] = []
    told: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=source, mode="r|") as tar:
            for info in tar:
                body = tar.extractfile(info) if info.isreg() else None
                if body is None or _SEAL in told:
                    raise UnfitError(_FOREIGN)
                if info.name in {_MANIFEST, _SEAL}:
                    if info.size > _MOST_MANIFEST or info.name in told:
                        raise UnfitError(_FOREIGN)
                    told[info.name] = body.read()
                elif told or not (info.name in {SQLITE, DUMP} or _FILE.fullmatch(info.name)):
                    raise UnfitError(_FOREIGN)
                else:
                    found.append(_taken(info, body, sink))
    except (tarfile.TarError, EOFError) as error:
        message = "it is no backup of ours, or it was cut short or damaged" if not found else _CUT
        raise UnfitError(message) from error
    return _sealed(told, found)


_FOREIGN: Final = "it holds what no backup of ours does"
_CUT: Final = "it was cut short or damaged: make use of another one"


def _sealed(told: dict[str, bytes], found: list[Member]) -> Manifest:
    body, seal = told.get(_MANIFEST), told.get(_SEAL)
    if body is None or seal is None:
        raise UnfitError(_CUT)
    if hashlib.sha256(body).hexdigest().encode() != seal:
        message = "its manifest was changed: make use of another one"
        raise UnfitError(message)
    try:
        version = msgspec.json.decode(body, type=_Versioned).version
        if version > VERSION:
            message = f"it was made by a newer program, in format {version}: use that one"
            raise UnfitError(message)
        manifest = msgspec.json.decode(body, type=Manifest)
    except msgspec.DecodeError as error:
        raise UnfitError(_FOREIGN) from error
    for kept, said in zip(found, manifest.members, strict=False):
        if kept != said:
            message = f"{said.name} in it is not what its manifest says: make use of another one"
            raise UnfitError(message)
    names = [member.name for member in found]
    if len(found) != len(manifest.members) or len(set(names)) != len(names):
        raise UnfitError(_CUT)
    if manifest.database not in names:
        raise UnfitError(_FOREIGN)
    return manifest


class _Versioned(msgspec.Struct):
    version: int


def _taken(info: tarfile.TarInfo, body: BinaryIO | object, sink: Sink) -> Member:
    read_ = _Digesting(body)  # type: ignore[arg-type]
    with sink(info.name) as out:
        while piece := read_.read(_PIECE):
            out.write(piece)
    return Member(info.name, info.size, read_.digest.hexdigest())


class _Digesting:
    """A file of which a digest is made while it is read."""

    def __init__(self, file: BinaryIO, count: Callable[[int], object] | None = None) -> None:
        self._file = file
        self._count = count
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        piece = self._file.read(size)
        self.digest.update(piece)
        if self._count is not None:
            self._count(len(piece))
        return piece


def _info(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, _MODE
    return info
