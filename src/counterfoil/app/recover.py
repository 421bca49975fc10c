"""Backups of an installation, putting one back, and the quarantine that follows."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from counterfoil.app import sealing
from counterfoil.app.at_once import AtOnce
from counterfoil.app.by_hand import office_of
from counterfoil.app.fit import UnreadyError, durable, nothing_in
from counterfoil.feed import quarantine as state
from counterfoil.feed.quarantine import Quarantine
from counterfoil.feed.retold import tail
from counterfoil.gate.hostclock import HostClock
from counterfoil.kernel.clock import Clock, instant, system_clock
from counterfoil.kernel.entropy import Entropy, system_entropy
from counterfoil.kernel.errors import Conflict, Invalid
from counterfoil.kernel.headway import Tell, nobody
from counterfoil.kernel.plain import with_file
from counterfoil.migrations import migrate
from counterfoil.office import Office
from counterfoil.recovery import backup, quarantine, restore
from counterfoil.recovery.archive import DUMP, SQLITE, Manifest, UnfitError
from counterfoil.recovery.engines import ToolError
from counterfoil.recovery.quarantine import Choice, Plan
from counterfoil.recovery.retell import lacking, retell
from counterfoil.runtime.chain import JournalError
from counterfoil.runtime.database import Database
from counterfoil.runtime.settings import Settings

__all__ = [
    "Choice",
    "JournalError",
    "Manifest",
    "Plan",
    "Quarantine",
    "Retold",
    "ToolError",
    "UnfitError",
    "back_up",
    "begin_quarantine",
    "end_quarantine",
    "plan_end",
    "put_back",
    "quarantine_of",
    "replay",
]


_DRAFT: Final = "seal.[0-9]*"
"""What is left of a key that was never finished."""


class Retold(NamedTuple):
    """How many changes concerned what the copy knows, up to where it was told, and until when."""

    changes: int
    position: int
    at: datetime | None


def back_up(
    settings: Settings,
    path: Path | None,
    clock: Clock = system_clock,
    entropy: Entropy = system_entropy,
    tell: Tell = nobody,
) -> Manifest:
    """Make a backup in a file, or to standard output; a server that runs is not disturbed.

    Raises:
        FileExistsError: if there is something of that name.
        UnreadyError: if there is no installation, or the backup cannot be made.
    """
    require_there(settings)
    database = Database(settings.url, pool_size=1) if settings.database_url else None
    file = settings.office_file
    copy = backup.embedded(file, tell) if database is None else backup.dumped(database)
    files = None if settings.bucket else settings.files_dir
    try:
        if path is not None:
            return backup.keep(path, copy, files, entropy, clock(), tell=tell)
        with backup.draft_beside(settings.data_dir, "copying", entropy) as folder:
            return backup.write(sys.stdout.buffer, copy, files, folder, clock(), tell=tell)
    except FileExistsError:
        raise
    except (OSError, sqlite3.Error, UnfitError, ToolError) as error:
        message = f"no backup was made: {with_file(error)}"
        raise UnreadyError(message) from error
    finally:
        if database is not None:
            database.close()


def require_there(settings: Settings) -> None:
    """Return if there is an installation.

    Raises:
        UnreadyError: if there is none.
    """
    if not settings.database_url and not settings.office_file.exists():
        raise UnreadyError(nothing_in(settings.data_dir))


def put_back(
    settings: Settings,
    source: BinaryIO,
    clock: Clock = system_clock,
    entropy: Entropy = system_entropy,
) -> Manifest:
    """Put a backup back into an empty place, where it begins in quarantine.

    Raises:
        UnfitError: for what cannot be restored, or a place that is not empty.
        UnreadyError: if there is no room, or a tool is missing.
    """
    require_empty(settings)
    settings.prepare()
    for draft in settings.data_dir.glob(_DRAFT):
        draft.unlink()
    folder, files = settings.restoring_dir, None if settings.bucket else settings.files_dir
    try:
        restore.remove(folder)
        wanted = DUMP if settings.database_url else SQLITE
        manifest = restore.unpack(source, folder, files, wanted)
        if settings.database_url:
            database = durable(Database(settings.url, pool_size=1))
            try:
                restore.fill(database, folder / DUMP, manifest.checkpoint, clock())
            finally:
                database.close()
            _quarantined(settings, settings.url, manifest, clock, entropy)
            restore.remove(folder)
        else:
            restore.require_same(folder / SQLITE, manifest.checkpoint)
            _quarantined(settings, f"sqlite:///{folder / SQLITE}", manifest, clock, entropy)
            restore.settle(folder, settings.data_dir)
        with closing(HostClock(settings.clock_file, clock.seconds)) as here:
            here.hear(instant(manifest.checkpoint.last_at or 0).timestamp())  # none is earlier (R6)
    except (OSError, sqlite3.Error, ToolError) as error:
        message = f"nothing was restored: {with_file(error)}"
        raise UnreadyError(message) from error
    return manifest


def require_empty(settings: Settings) -> None:
    """Raise UnfitError for a place with anything in it but a restore that was never finished.

    Keys may be there: put by the operator, or made for such a restore.
    """
    ours = settings.restoring_dir
    keys = {
        settings.audit_key_file,
        settings.seal_key_file,
        settings.new_seal_key_file,
        settings.whole_file,
        settings.cut_offs_file,
        settings.settled_file,
    }
    if not settings.data_dir.exists():
        return
    there = sorted(
        path
        for path in settings.data_dir.iterdir()
        if path not in {ours, *keys} and not path.match(_DRAFT)
    )
    left = ours.exists()
    if left and not settings.office_file.exists():
        there = [path for path in there if path != settings.files_dir]
    if there:
        message = f"{settings.data_dir} is not empty: it holds {there[0].name}"
        raise UnfitError(message)


def replay(settings: Settings, folders: Sequence[Path], *, dry_run: bool = False) -> Retold:
    """Tell a database in quarantine what journals of revocations know that it lacks.

    A dry run reads all of it, and tells nothing.

    Raises:
        Conflict: if there is no quarantine.
        JournalError: for a journal that was damaged, or does not begin where the copy ends.
    """
    with _opened(settings, settings.url) as office:
        with office.database.reading() as tx:
            held = state.read(tx)
        if held is None:
            raise Conflict(detail="There is no quarantine.")
        found = tail(folders, held.position)
        at = None if found.at is None else instant(found.at)
        if dry_run:
            with office.database.reading() as tx:
                return Retold(len(lacking(tx, found)), found.position, at)
        why = f"told by a journal of revocations up to position {found.position}"
        return Retold(retell(office, found, why), found.position, at)


def _quarantined(
    settings: Settings, url: str, manifest: Manifest, clock: Clock, entropy: Entropy
) -> None:
    migrate(url)
    why = f"restored: a backup that ends at position {manifest.checkpoint.position}"
    with _opened(settings, url, clock, entropy, anew=True, is_followed=False) as office:
        quarantine.begin_everywhere(office, why)


def quarantine_of(settings: Settings) -> Quarantine | None:
    """Return the quarantine that an installation is in; None if it is in none."""
    with _opened(settings, settings.url) as office, office.database.reading() as tx:
        return state.read(tx)


def begin_quarantine(settings: Settings, operator: str) -> None:
    """Begin the quarantine of a database that was put back by other tools than ours.

    It is taken as it is: if it is sealed under another key than this host's, it is sealed anew.
    """
    with _opened(settings, settings.url, anew=True) as office:
        quarantine.begin_everywhere(office, f"by {operator}: the database was restored")


def plan_end(settings: Settings, choice: Choice, opening: int | None = None) -> Plan:
    """Return what a choice comes to; nothing is changed.

    Raises:
        Conflict: if there is no quarantine, if nobody has told it what it lacks, or not so many
            tokens would open.
        Invalid: for an instant after the copy was made: of what came then the copy knows nothing.
        NotFound: for a token that is not in force.
    """
    with _opened(settings, settings.url) as office:
        return _planned(office, choice, opening)


def end_quarantine(settings: Settings, choice: Choice, operator: str, opening: int) -> Plan:
    """Revoke what a choice says, and end the quarantine, if so many tokens open again by that.

    Raises:
        Conflict: if another number of tokens would open; nothing is changed then.
        Conflict, Invalid, NotFound: as `plan_end` says.
    """
    with _opened(settings, settings.url) as office:
        planned = _planned(office, choice, opening)
        quarantine.end_everywhere(office, planned, f"by {operator}: {planned.told}")
        return planned


def _planned(office: Office, choice: Choice, opening: int | None) -> Plan:
    with office.database.reading() as tx:
        held = state.read(tx)
        if held is None:
            raise Conflict(detail="There is no quarantine.")
        _require_known(choice.since, held.at)
        planned = quarantine.plan(tx, choice, office.clock())
    if held.tail is None and not choice.everything and choice.since is None:
        raise Conflict(
            detail="Nobody has told it what it lacks: see `quarantine replay`. Without a journal,"
            " choose --revoke-all or --revoke-since."
        )
    if opening not in {None, planned.opening}:
        raise Conflict(detail=f"This {planned.told}, not {opening}.")
    return planned


def _require_known(since: datetime | None, known_to: datetime | None) -> None:
    if since is not None and known_to is not None and since > known_to:
        raise Invalid(
            detail=f"The copy ends at {known_to:%Y-%m-%dT%H:%M:%SZ}, so it knows of nothing later."
        )


@contextmanager
def _opened(
    settings: Settings,
    url: str,
    clock: Clock = system_clock,
    entropy: Entropy = system_entropy,
    *,
    anew: bool = False,
    is_followed: bool = True,
) -> Iterator[Office]:
    if url == settings.url and not settings.database_url and not settings.office_file.exists():
        message = f"{settings.data_dir} holds no installation"
        raise UnreadyError(message)
    open_ = sealing.taken if anew else sealing.opened
    database = open_(settings, url=url, entropy=entropy)
    with ExitStack() as leaving:
        leaving.callback(database.close)
        at_once = None
        if is_followed:
            at_once = leaving.enter_context(closing(AtOnce(settings, database, clock)))
        yield office_of(database, settings, clock, entropy, at_once)
