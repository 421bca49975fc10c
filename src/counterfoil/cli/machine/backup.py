"""`counterfoil backup` and `counterfoil restore`: an installation as one file, and back."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.machine.ground import machine, settings_of
from counterfoil.cli.machine.serve import data_dir_option
from counterfoil.cli.output import note
from counterfoil.kernel.clock import instant, spell_instant

if TYPE_CHECKING:
    from counterfoil.app.recover import Manifest

_STANDARD = "-"


@click.command()
@data_dir_option
@click.argument("path")
def backup(data_dir: Path, path: str) -> None:
    """Write a backup to a file, or to standard output with -.

    The database as it is at one moment, and the files of assets; a server may run meanwhile. It
    never takes the place of a file, and is whole or not there. It holds no key and no token, but
    the digests of all and all that people wrote: keep it as you keep the data directory.
    """
    from counterfoil.app import recover

    if path == _STANDARD and sys.stdout.isatty():
        raise Stop(Exit.USAGE, "A backup is no text: name a file, or lead it into one.")
    settings = settings_of(data_dir)
    with machine():
        try:
            made = recover.back_up(settings, None if path == _STANDARD else Path(path))
        except FileExistsError:
            raise Stop(Exit.CONFLICT, f"{path} is there already, and stays as it is.") from None
    note(f"✓ backup of {_told(made)}")


@click.command()
@data_dir_option
@click.argument("path")
def restore(data_dir: Path, path: str) -> None:
    """Put a backup back into an empty data directory; - reads standard input.

    Every byte is checked first. What was put back begins in quarantine: nothing opens, whatever
    token is shown, until you say what was revoked since: see `counterfoil quarantine`.
    """
    from counterfoil.app import recover
    from counterfoil.recovery.restore import require_name

    settings = settings_of(data_dir)
    with machine():
        try:
            if path == _STANDARD:
                put = recover.put_back(settings, sys.stdin.buffer)
            else:
                require_name(Path(path))
                with Path(path).open("rb") as source:
                    put = recover.put_back(settings, source)
        except recover.UnfitError as error:
            raise Stop(Exit.CONFLICT, f"Nothing was restored: {error}.") from None
        except FileNotFoundError:
            raise Stop(Exit.NOT_FOUND, f"There is no {path}") from None
    note(f"✓ restored: {_told(put)}")
    note("! it is in quarantine, so nothing opens yet: counterfoil quarantine show")


def _told(manifest: Manifest) -> str:
    end, files = manifest.checkpoint, len(manifest.members) - 1
    last = "nothing" if end.last_at is None else spell_instant(instant(end.last_at))
    return f"{files} files and a database that ends at position {end.position}, at {last}"
