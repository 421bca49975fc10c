"""`counterfoil replica`: the gate's copy of what it must know."""

from __future__ import annotations

import os
from pathlib import Path

import click

from counterfoil.cli.exits import Exit
from counterfoil.cli.failure import Stop
from counterfoil.cli.output import note
from counterfoil.cli.serve import data_dir_option


@click.group()
def replica() -> None:
    """The gate's copy of what it must know."""


@replica.command()
@data_dir_option
def rebuild(data_dir: Path) -> None:
    """Build it anew from the database. A server may go on serving meanwhile."""
    from counterfoil import app
    from counterfoil.runtime.settings import PREFIX, SettingError, load

    if not data_dir.is_dir():
        raise Stop(Exit.NOT_FOUND, f"There is no data directory {data_dir}")
    try:
        position = app.rebuild(load({**os.environ, f"{PREFIX}DATA_DIR": str(data_dir)}))
    except (SettingError, app.UnreadyError) as error:
        raise Stop(Exit.CONFIG, str(error)) from None
    note(f"✓ the replica is built anew and stands at position {position}")
