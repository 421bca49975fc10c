"""What this host has last seen of the audit trail, in a file of its own beside the database.

Who changes the database alone, and be it all of it, cannot change what a witness has seen. A host
looks every few seconds: as long as the trail only goes on from there, the newer checkpoint takes
the place of the older one; if it does not, the older one stays, and the log says so.
"""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import Connection

from counterfoil.audit.checkpoint import Checkpoint, newest, read, tree_in
from counterfoil.audit.merkle import begins, consistency
from counterfoil.kernel.plain import PlainError
from counterfoil.runtime.signing import PublicKey


class BrokenError(PlainError):
    """The trail is not what it was when it was last seen."""


def seen(path: Path, key: PublicKey) -> Checkpoint | None:
    """Return what was last seen; None if nothing was.

    Raises:
        NoteError: if the file holds no checkpoint that the key has signed.
    """
    return read(path.read_text("utf-8"), key) if path.exists() else None


def look(path: Path, tx: Connection, key: PublicKey) -> None:
    """See the newest checkpoint, and remember it if the trail goes on from what was last seen.

    Raises:
        BrokenError: if it does not.
        NoteError: if one of them was not signed under this key.
    """
    note = newest(tx)
    older = seen(path, key)
    if note is None or (older is not None and older.note == note):
        return
    newer = read(note, key)
    if older is not None and older.epoch != newer.epoch:
        path.replace(path.with_name(f"{path.name}.epoch-{older.epoch}"))
    elif older is not None and not _goes_on(tx, older, newer):
        message = f"{newer.size} entries do not go on from the {older.size} seen at {older.at}"
        raise BrokenError(message)
    _write(path, note)


def goes_on(path: Path, tx: Connection, key: PublicKey) -> bool:
    """Say whether the trail is still what this host has last seen of it.

    Raises:
        NoteError: as `look` says.
    """
    older, note = seen(path, key), newest(tx)
    if older is None or note is None or older.note == note:
        return True
    newer = read(note, key)
    return older.epoch != newer.epoch or _goes_on(tx, older, newer)


def _goes_on(tx: Connection, older: Checkpoint, newer: Checkpoint) -> bool:
    try:
        path = consistency(older.size, newer.size, tree_in(tx).at)
    except LookupError:
        return False
    return begins(older.size, older.root, newer.size, newer.root, path)


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, text.encode())
        os.fsync(file)
    finally:
        os.close(file)
    draft.replace(path)
