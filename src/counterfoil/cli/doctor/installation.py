"""An installation as it lies on this machine: folder, settings, database, room."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from counterfoil.cli.doctor.finding import Finding, bad, doubtful, good
from counterfoil.cli.exits import Stop
from counterfoil.cli.machine.ground import of_database, settings_of
from counterfoil.runtime.places import Places, typed

if TYPE_CHECKING:
    from counterfoil.runtime.settings import Settings

_OTHERS: Final = 0o077
_LEAST_FREE: Final = 256 * 1024 * 1024


def look(data_dir: Path) -> Iterator[Finding]:
    """Yield what is found in a data directory; nothing there is changed."""
    if not data_dir.is_dir():
        yield bad("data directory", f"{data_dir} is none", f"Begin: `{typed('init', data_dir)}`.")
        return
    mode = stat.S_IMODE(data_dir.stat().st_mode)
    if mode & _OTHERS:
        yield bad("data directory", f"others can enter it ({mode:04o})", f"chmod 700 {data_dir}")
    else:
        yield good("data directory", f"{data_dir}")
    try:
        settings = settings_of(data_dir)
    except Stop as error:
        yield bad("settings", str(error), "See docs/reference/settings.md.")
        return
    yield good("settings", f"served as {settings.base_url or 'this machine alone'}")
    if not settings.database_url:
        yield _whole(settings)
    yield from _books(settings)
    yield from _gate(settings)
    yield from _clock(settings)
    if settings.nats:
        from counterfoil.cli.doctor import bus

        yield from bus.look(settings)
    yield from _room(data_dir)


def _room(data_dir: Path) -> Iterator[Finding]:
    """Look how much room there is, and whether some is kept for revocations (R11)."""
    free = shutil.disk_usage(data_dir).free
    told = f"{free // 2**20} MiB are free"
    yield (
        good("room", told)
        if free > _LEAST_FREE
        else doubtful(
            "room", told, "Make room: with none, nothing is put on record, so nothing is written."
        )
    )
    ballast = Places(data_dir).ballast_file
    if not ballast.exists():
        return
    if ballast.stat().st_size:
        yield good("ballast", f"{ballast.stat().st_size >> 20} MiB are kept for revocations")
    else:
        yield bad(
            "ballast",
            "it was let go, for the disk is full: tokens are revoked, and nothing else is written",
            "Make room, 32 MiB at least: it comes back by itself.",
        )


def _gate(settings: Settings) -> Iterator[Finding]:
    """Look whether a gate of another host has shut the one of this office."""
    from counterfoil.gateway.strayed import FIX, strayed

    if told := strayed(settings):
        yield bad("gate here", told, FIX)


def _clock(settings: Settings) -> Iterator[Finding]:
    """Look how this machine's clock stands to the latest time that was believed here."""
    from counterfoil.gate.hostclock import Standing, seen, seen_apart

    found = seen(settings.clock_file)
    if found is None:
        return
    standing, ahead_s = found
    of = " of" if standing is Standing.AHEAD else ""
    told = f"{abs(ahead_s):.0f} seconds {standing}{of} the time that was believed here"
    fix = f"Set it right. If it is: stop what runs here, remove {settings.clock_file}, start."
    if standing is Standing.RIGHT:
        yield good("clock of this machine", "believed")
    else:
        yield doubtful("clock of this machine", told, fix)
    if apart_s := seen_apart(settings.clock_file):
        way = "ahead of" if apart_s > 0 else "behind"
        told = f"{abs(apart_s):.0f} seconds {way} what other hosts of this office believe"
        yield doubtful("clocks of this office", told, "See docs/how-to/postgres.md#clocks.")


def _whole(settings: Settings) -> Finding:
    """Look whether the embedded database is sound; it is opened to be read alone."""
    file = settings.office_file
    if not file.exists():
        begin = f"Begin: `{typed('init', settings.data_dir)}`."
        return bad("database", f"{file} is not there", begin)
    try:
        with sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True) as database:
            (said,) = database.execute("PRAGMA quick_check").fetchone()
    except sqlite3.Error as error:
        return bad("database", f"it cannot be read ({error})", "Put a backup in its place.")
    if said != "ok":
        return bad("database", f"it is damaged: {said}", "Put a backup in its place.")
    return good("database", "sound")


def _books(settings: Settings) -> Iterator[Finding]:
    """Look whether the database is at our revision, and keeps what it has committed."""
    from sqlalchemy.exc import SQLAlchemyError

    from counterfoil import migrations
    from counterfoil.runtime.database import Database
    from counterfoil.runtime.durable import unsafe

    try:
        database = Database(settings.url)
        try:
            with database.reading() as tx:
                migrations.require_known(tx)
                present, forgetful = migrations.is_present(tx), unsafe(tx)
        finally:
            database.close()
    except migrations.NewerError as error:
        yield bad("revision", str(error), "Install the newer version.")
        return
    except SQLAlchemyError as error:
        yield bad("revision", f"not to be read ({of_database(error)})", "Is the database up?")
        return
    newest = migrations.newest()
    if present:
        yield good("revision", newest)
        yield from _seals(settings)
        yield from _keys(settings)
    else:
        migrate = f"Stop the server, then: `{typed('migrate', settings.data_dir)}`."
        yield bad("revision", f"the database is not at {newest}", migrate)
    for reason in forgetful:
        yield bad("durability", reason, "No server starts on it as it is set.")


def _keys(settings: Settings) -> Iterator[Finding]:
    """Look whether this host signs as the others do, where there may be others."""
    from counterfoil.app import keys
    from counterfoil.runtime.database import Database
    from counterfoil.runtime.keyfile import KeyFileError

    if not settings.database_url:
        return
    database = Database(settings.url)
    try:
        found = keys.amiss(settings, database)
    except KeyFileError as error:
        found = [str(error)]
    finally:
        database.close()
    for told in found:
        yield bad("keys", told, "No server starts with others. See docs/how-to/postgres.md.")
    if not found:
        yield good("keys", "this host signs as every host does")


def _seals(settings: Settings) -> Iterator[Finding]:
    """Look whether all that gives power counts as sealed, once a server has begun it (S5)."""
    from counterfoil.app import fit, sealing
    from counterfoil.runtime.keyfile import KeyFileError

    if not settings.seal_key_file.exists():
        return
    try:
        is_left = sealing.seal_directory(settings, dry_run=True)
    except (fit.UnreadyError, KeyFileError) as error:
        yield bad("seals", str(error), "See docs/how-to/back-up.md.")
        return
    if is_left:
        told = (
            "roles, members and policies are believed as they stand in the database, or where no "
            "row says up to where all tokens were ended"
        )
        seal = f"Once every server is of this version: `{typed('seal', settings.data_dir)}`."
        yield doubtful("seals", told, seal)
    else:
        yield good("seals", "on all that gives power")
