"""What a backup, a restore or a quarantine would come to, looked at and not done."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from counterfoil import directory
from counterfoil.app.fit import UnreadyError, fit
from counterfoil.app.recover import require_empty, require_there
from counterfoil.kernel.errors import Conflict
from counterfoil.kernel.plain import with_file
from counterfoil.recovery import backup, restore
from counterfoil.recovery.archive import DUMP, SQLITE, Manifest
from counterfoil.recovery.backup import Extent
from counterfoil.runtime.database import Database
from counterfoil.runtime.settings import Settings


def back_up(settings: Settings, path: Path | None) -> Extent:
    """Return how much a backup would hold.

    Raises:
        FileExistsError, UnreadyError: as `recover.back_up`.
    """
    require_there(settings)
    database = Database(settings.url, pool_size=1)
    try:
        if path is not None:
            backup.require_room(path)
        return backup.extent(database, None if settings.bucket else settings.files_dir)
    except FileExistsError:
        raise
    except OSError as error:
        message = f"no backup could be made: {with_file(error)}"
        raise UnreadyError(message) from error
    finally:
        database.close()


def put_back(settings: Settings, source: BinaryIO) -> Manifest:
    """Return what a backup says of itself that could be put back here; all of it is looked at.

    Raises:
        UnfitError, UnreadyError: as `recover.put_back`.
    """
    require_empty(settings)
    files = None if settings.bucket else settings.files_dir
    wanted = DUMP if settings.database_url else SQLITE
    try:
        with TemporaryDirectory(prefix="counterfoil-") as folder:
            return restore.look(source, Path(folder), files, wanted)
    except (OSError, sqlite3.Error) as error:
        message = f"nothing could be restored: {with_file(error)}"
        raise UnreadyError(message) from error


def quarantine(settings: Settings) -> list[str]:
    """Return the names of the organizations that a quarantine would close.

    Raises:
        UnreadyError: if there is no installation.
        Conflict: if nobody is in it.
    """
    require_there(settings)
    database = fit(Database(settings.url, pool_size=1))
    try:
        with database.reading() as tx:
            found = directory.organization_names(tx)
    finally:
        database.close()
    if not found:
        raise Conflict(detail="Nobody is in this database yet.")
    return list(found)
