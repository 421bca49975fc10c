"""A backup is made beside its name, and gets that when it is whole and on the disk.

Whoever is killed in between leaves a folder that is no backup; the next one takes it away.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from counterfoil import __version__
from counterfoil.kernel.clock import micros
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.headway import Tell, nobody
from counterfoil.recovery.archive import DUMP, FILES, SQLITE, Checkpoint, Manifest, Writer
from counterfoil.recovery.engines import checkpoint, copy_embedded, dump
from counterfoil.runtime.database import Database
from counterfoil.runtime.lasting import flush

_PRIVATE: Final = 0o700
_WHOLE: Final = "whole"
_DIGEST_CHARS: Final = 64

Copy = Callable[[Path], tuple[str, Path, Checkpoint]]
"""Copies a database into a folder; returns the name it goes by in a backup, the file, its end."""


def embedded(file: Path, tell: Tell = nobody) -> Copy:
    """Return what copies an embedded database."""

    def copy(folder: Path) -> tuple[str, Path, Checkpoint]:
        to = folder / SQLITE
        copy_embedded(file, to, tell)
        database = Database(f"sqlite:///{to}", pool_size=1)
        try:
            with database.reading() as tx:
                found = checkpoint(tx)
        finally:
            database.close()
        return SQLITE, to, found

    return copy


class Extent(NamedTuple):
    """How much is in a backup: where its database ends, and how many files of assets there are."""

    end: Checkpoint
    files: int


def extent(database: Database, files: Path | None) -> Extent:
    """Return how much a backup would hold if it were made now; nothing is written."""
    with database.reading() as tx:
        end = checkpoint(tx)
    return Extent(end, 0 if files is None else sum(1 for _ in _adopted(files)))


def require_room(path: Path) -> None:
    """Raise for a name under which no backup could be kept.

    Raises:
        FileExistsError: if there is something of that name.
        OSError: if nothing can be put beside it.
    """
    if os.path.lexists(path):
        raise FileExistsError(path)
    if not os.access(path.parent, os.W_OK | os.X_OK):
        os.scandir(path.parent).close()  # which says that it is not there, or is no folder
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path.parent)


def dumped(database: Database) -> Copy:
    """Return what has a database of its own server dumped."""
    return lambda folder: (DUMP, folder / DUMP, dump(database, folder / DUMP))


def write(
    out: BinaryIO,
    copy: Copy,
    files: Path | None,
    folder: Path,
    now: datetime,
    *,
    tell: Tell = nobody,
) -> Manifest:
    """Write a backup.

    Args:
        out: where to.
        copy: makes the copy of the database.
        files: where the files of assets lie; None if they lie in a bucket.
        folder: where the copy lies meanwhile.
        now: when this is.
        tell: is told how far it is.
    """
    writer = Writer(out, tell)
    name, database, end = copy(folder)
    writer.add(name, database)
    database.unlink()
    for kept, file in () if files is None else _adopted(files):
        with suppress(FileNotFoundError):  # destroyed a moment ago, after the copy was made
            writer.add(f"{FILES}{kept}", file)
    return writer.seal(__version__, micros(now), name, end)


def keep(
    path: Path,
    copy: Copy,
    files: Path | None,
    entropy: Entropy,
    now: datetime,
    *,
    tell: Tell = nobody,
) -> Manifest:
    """Make a backup in a file of that name, for its owner alone; it is there whole or not at all.

    Raises:
        FileExistsError: if there is something of that name; it stays as it is.
        UnfitError, ToolError, OSError, sqlite3.Error: if it cannot be made.
    """
    require_room(path)
    with draft_beside(path.parent, path.name, entropy) as folder:
        draft = folder / _WHOLE
        with open(  # noqa: PTH123 - a Path opens for others too
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb"
        ) as out:
            manifest = write(out, copy, files, folder, now, tell=tell)
            out.flush()
            os.fsync(out.fileno())
        path.hardlink_to(draft)  # which never takes the place of anything
        flush(path.parent)
    return manifest


@contextmanager
def draft_beside(parent: Path, name: str, entropy: Entropy) -> Iterator[Path]:
    """Give a folder for a draft, beside what it will be; it goes when the block ends.

    Those that others left who were killed go first.
    """
    for left in parent.glob(f".{name}.*.draft"):
        with suppress(BlockingIOError, FileNotFoundError), _held(left):
            shutil.rmtree(left, ignore_errors=True)
    folder = parent / f".{name}.{entropy(4).hex()}.draft"
    folder.mkdir(_PRIVATE)
    try:
        with _held(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold a folder, as nobody else can meanwhile."""
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(held)


def _adopted(files: Path) -> Iterator[tuple[Path, Path]]:
    """Yield each file that has its place for good, and where; what waits belongs to nothing yet."""
    for organization in sorted(files.iterdir()) if files.is_dir() else ():
        if not organization.name.isdecimal():
            continue
        for part in sorted(organization.iterdir()):
            if len(part.name) == len("ab"):
                for one in sorted(part.iterdir()):
                    if len(one.name) == _DIGEST_CHARS:
                        yield one.relative_to(files), one
