"""Files: large things, each under the digest of what is in it, in one folder.

An upload is received under its own name first and belongs to nothing. Adopting it gives it its
place for good. Both steps are one rename or one link: nobody ever sees half a file, and whoever
falls over leaves only what the sweep takes away.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from counterfoil.kernel.entropy import Entropy
from counterfoil.runtime.keyfile import key_in
from counterfoil.runtime.lasting import flush, make_folder

KEEP: Final = timedelta(days=1)
"""How long an upload waits to be adopted."""
MOST_WAITING: Final = 2 * 1024**3
"""How many bytes of an owner's uploads may wait to be adopted."""
_COUNTED: Final = 1024**2
"""As how many bytes an upload counts at least, so that they are not too many either."""

_PRIVATE: Final = 0o700
PIECE: Final = 64 * 1024
"""How much of a file is in memory at once, on its way out."""
HEAD: Final = 256 * 1024
"""How much of its beginning tells what a file is."""
_NAME: Final = re.compile(r"[0-9a-f]{32}")
_TAKEN: Final = frozenset({errno.EEXIST, errno.ENOTEMPTY})


@dataclass(frozen=True, slots=True)
class Filed:
    """A file that is there: its SHA-256 in hex, its size, and how it begins."""

    sha256: str
    size: int
    head: bytes


class Stream(Protocol):
    """A part of a file, piece by piece; whoever stops early closes it."""

    def __iter__(self) -> Iterator[bytes]:
        """Return its pieces."""

    def close(self) -> None:
        """Let go of what it comes from."""


class Depot(Protocol):
    """Where the files of an installation lie: in a folder (`Files`) or a bucket (`Bucket`)."""

    @property
    def key(self) -> bytes:
        """The key under which uploads are signed, the same for all who share the place."""

    def is_received(self, owner: int, name: str) -> bool:
        """Say whether an upload of this name has come."""

    def require_room(self, owner: int, size: int = 0) -> None:
        """Raise FullError if too many bytes wait to be adopted, or would with so many more."""

    def receive(self, owner: int, name: str, pieces: Iterable[bytes], least: int = 0) -> None:
        """Take an upload in, whole or not at all: see `Files.receive`."""

    def received(self, owner: int, name: str) -> Filed | None:
        """Return what came under a name; None if nothing did, or too long ago."""

    def adopt(self, owner: int, name: str, sha256: str) -> None:
        """Give an upload its place for good, or raise FileNotFoundError. It waits no more."""

    def flow(self, owner: int, sha256: str, start: int, length: int) -> Stream:
        """Return a part of a file, or raise FileNotFoundError."""

    def kept(self, part: str) -> Iterator[tuple[int, list[str]]]:
        """Yield, by organization, the digests of files whose digests begin with two hex digits."""

    def discard(self, owner: int, sha256: str) -> None:
        """Take a file away."""

    def sweep(self, now: datetime) -> None:
        """Take away the uploads that nobody adopted within a day."""


class Files:
    """The files of an installation, those of each organization in a folder of its own.

    Args:
        folder: on one file system, because files are linked and renamed in it.
        entropy: where the names of drafts come from.
        most: as how many bytes an owner's uploads may wait.
    """

    def __init__(self, folder: Path, entropy: Entropy, most: int = MOST_WAITING) -> None:
        self._folder = folder
        self._entropy = entropy
        self._most = most

    @property
    def key(self) -> bytes:
        """The key under which uploads are signed: that of all hosts which share the folder."""
        make_folder(self._folder)
        return key_in(self._folder / "upload.key", self._entropy)

    def is_received(self, owner: int, name: str) -> bool:
        """Say whether an upload of this name has come."""
        return (self._incoming(owner) / name).exists()

    def require_room(self, owner: int, size: int = 0) -> None:
        """Raise FullError if too many bytes wait to be adopted, or would with so many more.

        An adopted upload has a second name, and takes no room of its own.
        """
        waiting = (
            found.st_size
            for upload in self._listed(self._incoming(owner))
            for found in _looked_at(self._listed(upload))
            if found.st_nlink == 1
        )
        require_at_most(self._most, waiting, size)

    def receive(self, owner: int, name: str, pieces: Iterable[bytes], least: int = 0) -> None:
        """Write an upload to disk, whole or not at all.

        Raises:
            FileExistsError: if another one came under this name.
            ShortError: if it has fewer than `least` bytes.
            FullError: if too many bytes wait already, or would with this upload.
        """
        self.require_room(owner, max(least, 1))
        draft = self._incoming(owner) / f".{self._entropy(16).hex()}"
        make_folder(draft.parent)
        draft.mkdir(_PRIVATE)
        try:
            digest = _write(draft / "draft", pieces, least)
            # Of several at once each sees the others' drafts: together they are not too many.
            self.require_room(owner)
            (draft / "draft").rename(draft / digest)
            draft.rename(self._incoming(owner) / name)
        except OSError as error:
            if error.errno in _TAKEN:
                raise FileExistsError(name) from None
            raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def received(self, owner: int, name: str) -> Filed | None:
        """Return what came under a name; None if nothing did, or too long ago."""
        if _NAME.fullmatch(name) is None:
            return None
        found = next(iter(self._listed(self._incoming(owner) / name)), None)
        if found is None:
            return None
        with found.open("rb") as file:
            return Filed(found.name, found.stat().st_size, file.read(HEAD))

    def adopt(self, owner: int, name: str, sha256: str) -> None:
        """Give an upload its place for good; a file that is there already stays as it is.

        Raises:
            FileNotFoundError: if there is no such upload any more.
        """
        place = self._place(owner, sha256)
        make_folder(place.parent)
        upload = self._incoming(owner) / name / sha256
        try:
            place.hardlink_to(upload)
        except FileExistsError:
            self._share(place, upload)
        flush(place.parent)

    def flow(self, owner: int, sha256: str, start: int, length: int) -> Flow:
        """Open a part of a file of an organization.

        Raises:
            FileNotFoundError: if it is not there.
        """
        return Flow(self._place(owner, sha256).open("rb"), start, length)

    def kept(self, part: str) -> Iterator[tuple[int, list[str]]]:
        """Yield, by organization, the digests of files whose digests begin with two hex digits."""
        for folder in self._listed(self._folder):
            if folder.name.isdecimal():
                found = sorted(file.name for file in self._listed(folder / part))
                if found:
                    yield int(folder.name), found

    def discard(self, owner: int, sha256: str) -> None:
        """Take a file away; who has it open reads on."""
        self._place(owner, sha256).unlink(missing_ok=True)

    def sweep(self, now: datetime) -> None:
        """Take away the uploads that nobody adopted within a day."""
        last = (now - KEEP).timestamp()
        for folder in self._listed(self._folder):
            for upload in self._listed(folder / "incoming"):
                if upload.stat().st_mtime < last:
                    shutil.rmtree(upload, ignore_errors=True)

    def _share(self, place: Path, upload: Path) -> None:
        """Put one more name of a file that is there in the place of the same bytes."""
        draft = upload.parent.with_name(f".{self._entropy(16).hex()}")
        draft.mkdir(_PRIVATE)
        try:
            (draft / "draft").hardlink_to(place)
            (draft / "draft").rename(upload)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def _incoming(self, owner: int) -> Path:
        return self._folder / str(owner) / "incoming"

    def _place(self, owner: int, sha256: str) -> Path:
        return self._folder / str(owner) / sha256[:2] / sha256

    @staticmethod
    def _listed(folder: Path) -> list[Path]:
        try:
            return list(folder.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []


class ShortError(Exception):
    """An upload that ended before it was whole."""


class FullError(Exception):
    """An upload for which there is no room before others are adopted: `most` bytes may wait."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most


def require_at_most(most: int, waiting: Iterable[int], more: int) -> None:
    """Raise FullError if uploads of these sizes and one more count as more bytes than may wait."""
    if sum(max(size, _COUNTED) for size in (*waiting, more) if size) > most:
        raise FullError(most)


class Flow:
    """A part of an open file, piece by piece. It closes the file at its end, or when it is told."""

    def __init__(self, file: BinaryIO, start: int, length: int) -> None:
        self._file = file
        self._left = length
        file.seek(start)

    def __iter__(self) -> Flow:
        """Return itself: a file flows once."""
        return self

    def __next__(self) -> bytes:
        """Return the next piece."""
        piece = self._file.read(min(PIECE, self._left)) if self._left else b""
        if not piece:
            self.close()
            raise StopIteration
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        """Close the file."""
        self._left = 0
        self._file.close()


def _looked_at(files: Iterable[Path]) -> Iterator[os.stat_result]:
    """Yield what is known of those files that are still there."""
    for file in files:
        with suppress(FileNotFoundError):
            yield file.stat()


def _write(path: Path, pieces: Iterable[bytes], least: int) -> str:
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        for piece in pieces:
            size += len(piece)
            digest.update(piece)
            file.write(piece)
        if size < least:
            raise ShortError
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()
