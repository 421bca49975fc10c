"""`counterfoil replica`: the gate's copy of what it must know."""

from __future__ import annotations

import os
from pathlib import Path

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.machine.ground import nothing_done
from counterfoil.cli.machine.serve import data_dir_option, dry_run_option
from counterfoil.cli.output import bar, note


@click.command()
@data_dir_option
@dry_run_option
def rebuild(data_dir: Path, *, dry_run: bool) -> None:
    """Build the gate's copy of what it must know anew, from the database.

    A server may go on serving meanwhile.
    """
    from counterfoil.app import build, fit
    from counterfoil.runtime.settings import PREFIX, SettingError, load

    if not data_dir.is_dir():
        raise Stop(Exit.NOT_FOUND, f"There is no data directory {data_dir}")
    try:
        settings = load({**os.environ, f"{PREFIX}DATA_DIR": str(data_dir)})
        with bar() as tell:
            position = build.rebuild(settings, tell, dry_run=dry_run)
    except (SettingError, fit.UnreadyError) as error:
        raise Stop(Exit.CONFIG, str(error)) from None
    if dry_run:
        note(f"… the replica would be built anew and stand at position {position}")
        nothing_done()
        return
    note(f"✓ the replica is built anew and stands at position {position}")
