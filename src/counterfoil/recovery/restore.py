"""A backup is taken out into an empty place, in which it counts only when all of it is right."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy import insert

from counterfoil import migrations
from counterfoil.feed import outbox
from counterfoil.kernel.clock import instant
from counterfoil.recovery import archive
from counterfoil.recovery.archive import DUMP, FILES, SQLITE, Checkpoint, Manifest, UnfitError
from counterfoil.recovery.engines import checkpoint, load, require_sound
from counterfoil.runtime.database import Database
from counterfoil.runtime.lasting import flush, make_folder

_PRIVATE: Final = 0o700
_DRAFT: Final = re.compile(r"\..+\.draft")


def require_name(path: Path) -> None:
    """Raise UnfitError for the draft of a backup that was never finished."""
    if any(_DRAFT.fullmatch(part) for part in path.parts):
        message = "it is what is left of a backup that was never finished"
        raise UnfitError(message)


def unpack(source: BinaryIO, folder: Path, files: Path | None, wanted: str) -> Manifest:
    """Take a backup out: its database into a folder, the files of assets to where they lie.

    Args:
        source: the backup.
        folder: made for this; a file in it counts once this has returned.
        files: where the files of assets go; None where they lie in a bucket.
        wanted: SQLITE or DUMP, as the place asks for.

    Raises:
        UnfitError: for what is no whole backup, or not for this place or program.
    """
    make_folder(folder)
    filled = {folder}

    @contextmanager
    def sink(name: str) -> Iterator[BinaryIO]:
        _require_place(name, files)
        is_database = name in {SQLITE, DUMP}
        to = folder / name if is_database else (files or folder) / name.removeprefix(FILES)
        make_folder(to.parent)
        filled.add(to.parent)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        with open(os.open(to, flags, 0o600), "wb") as out:  # noqa: PTH123 - a Path opens for others
            yield out
            out.flush()
            os.fsync(out.fileno())

    manifest = archive.read(source, sink)
    _require_fit(manifest, wanted)
    for one in filled:
        flush(one)
    return manifest


def look(source: BinaryIO, folder: Path, files: Path | None, wanted: str) -> Manifest:
    """Return the manifest of a backup that could be taken out here, each byte of it looked at.

    Args:
        source: the backup.
        folder: where an embedded database lies meanwhile, to be read from end to end.
        files: where the files of assets would go; None where they lie in a bucket.
        wanted: SQLITE or DUMP, as the place asks for.

    Raises:
        UnfitError: as `unpack`.
    """

    @contextmanager
    def sink(name: str) -> Iterator[BinaryIO]:
        _require_place(name, files)
        to = folder / name if name == SQLITE else Path(os.devnull)
        with to.open("wb") as out:
            yield out

    manifest = archive.read(source, sink)
    _require_fit(manifest, wanted)
    if wanted == SQLITE:
        require_same(folder / SQLITE, manifest.checkpoint)
    return manifest


def _require_place(name: str, files: Path | None) -> None:
    if files is None and name not in {SQLITE, DUMP}:
        message = "it holds files of assets, and the settings say that those lie in a bucket"
        raise UnfitError(message)


def _require_fit(manifest: Manifest, wanted: str) -> None:
    """Raise UnfitError for a backup that is whole, and not for this place or program."""
    for member in manifest.members:
        if member.name not in {SQLITE, DUMP} and not member.name.endswith(member.sha256):
            message = f"{member.name} in it is not what its name says"
            raise UnfitError(message)
    if manifest.database != wanted:
        message = (
            "it is of an embedded database, and COUNTERFOIL_DATABASE_URL says another one"
            if manifest.database == SQLITE
            else "it is of a database of its own server: say which in COUNTERFOIL_DATABASE_URL"
        )
        raise UnfitError(message)
    if not migrations.is_known(manifest.checkpoint.revision):
        message = (
            f"it was made by {manifest.program}, at revision {manifest.checkpoint.revision}, "
            "which this older program does not know: use that version"
        )
        raise UnfitError(message)


def require_same(file: Path, said: Checkpoint) -> None:
    """Return if an embedded database is sound, and ends where its backup says.

    Raises:
        UnfitError: if it is not.
    """
    require_sound(file)
    database = Database(f"sqlite:///{file}", pool_size=1)
    try:
        with database.reading() as tx:
            found = checkpoint(tx)
    finally:
        database.close()
    if found != said:
        message = "its database does not end where its manifest says"
        raise UnfitError(message)


def fill(database: Database, file: Path, said: Checkpoint, now: datetime) -> None:
    """Fill an empty database of its own server; it is in quarantine before it can be served.

    Raises:
        UnfitError: if it is not empty.
        ToolError: if the tools of Postgres are not there, or fail.
    """
    load(database, file)
    last_at = None if said.last_at is None else instant(said.last_at)
    with database.transaction() as tx:
        tx.execute(
            insert(outbox.head).values(
                id=1,
                epoch=said.epoch,
                position=said.position,
                audit_position=said.audit_position,
                quarantined_at=now,
                restored_position=said.position,
                restored_at=last_at,
            )
        )


def settle(folder: Path, data_dir: Path) -> None:
    """Put an embedded database that is ready in its place, as the last thing of all."""
    flush(folder / SQLITE)
    (folder / SQLITE).rename(data_dir / SQLITE)
    flush(data_dir)
    shutil.rmtree(folder, ignore_errors=True)


def remove(folder: Path) -> None:
    """Take away where a backup lay while it was put back, be it finished or not."""
    if folder.exists():
        shutil.rmtree(folder)
