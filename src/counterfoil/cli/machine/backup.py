"""`counterfoil backup` and `counterfoil restore`: an installation as one file, and back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.machine.ground import machine, nothing_done, settings_of
from counterfoil.cli.machine.serve import data_dir_option, dry_run_option
from counterfoil.cli.output import bar, note
from counterfoil.cli.output.reading import under_bar
from counterfoil.kernel.clock import instant, spell_instant
from counterfoil.runtime.places import typed

if TYPE_CHECKING:
    from counterfoil.app.recover import Manifest
    from counterfoil.recovery.archive import Checkpoint

_STANDARD = "-"
_RESTORING = "Reading"


@click.command()
@data_dir_option
@click.argument("path")
@dry_run_option
def backup(data_dir: Path, path: str, *, dry_run: bool) -> None:
    """Write a backup to a file, or to standard output with `-`.

    The database as it is at one moment, and the files of assets; a server may run meanwhile. It
    never takes the place of a file, and is whole or not there. It holds no key and no token, but
    the digests of all and all that people wrote: keep it as you keep the data directory.
    """
    from counterfoil.app import recover, recover_foreseen

    if path == _STANDARD and sys.stdout.isatty() and not dry_run:
        raise Stop(Exit.USAGE, "A backup is no text: name a file, or lead it into one.")
    settings, to = settings_of(data_dir), None if path == _STANDARD else Path(path)
    with machine():
        try:
            if dry_run:
                would = recover_foreseen.back_up(settings, to)
                note(f"… it would be a backup of {_told(would.end, would.files)}")
                nothing_done()
                return
            with bar() as tell:
                made = recover.back_up(settings, to, tell=tell)
        except FileExistsError:
            raise Stop(Exit.CONFLICT, f"{path} is there already, and stays as it is.") from None
    note(f"✓ backup of {_of(made)}")


@click.command()
@data_dir_option
@click.argument("path")
@dry_run_option
def restore(data_dir: Path, path: str, *, dry_run: bool) -> None:
    """Put a backup back into an empty data directory; `-` reads standard input.

    Every byte is checked first. What was put back begins in quarantine: nothing opens, whatever
    token is shown, until you say what was revoked since: see `counterfoil quarantine`.
    """
    from counterfoil.app import recover, recover_foreseen
    from counterfoil.recovery.restore import require_name

    settings = settings_of(data_dir)
    put_back = recover_foreseen.put_back if dry_run else recover.put_back
    with machine():
        try:
            if path == _STANDARD:
                with under_bar(sys.stdin.buffer, _RESTORING) as source:
                    put = put_back(settings, source)
            else:
                require_name(Path(path))
                with Path(path).open("rb") as file, under_bar(file, _RESTORING) as source:
                    put = put_back(settings, source)
        except recover.UnfitError as error:
            raise Stop(Exit.CONFLICT, f"Nothing was restored: {error}.") from None
        except FileNotFoundError:
            raise Stop(Exit.NOT_FOUND, f"There is no {path}") from None
    if dry_run:
        note(f"… all of it is there, and would be restored: {_of(put)}")
        nothing_done()
        return
    note(f"✓ restored: {_of(put)}")
    told = typed("quarantine show", settings.data_dir)
    note(f"! it is in quarantine, so nothing opens yet: {told}")


def _of(manifest: Manifest) -> str:
    return _told(manifest.checkpoint, len(manifest.members) - 1)


def _told(end: Checkpoint, files: int) -> str:
    last = "nothing" if end.last_at is None else spell_instant(instant(end.last_at))
    return f"{files} files and a database that ends at position {end.position}, at {last}"
