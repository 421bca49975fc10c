"""`counterfoil migrate`: bring the database up to this version."""

from __future__ import annotations

import os
from pathlib import Path

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.machine.serve import data_dir_option
from counterfoil.cli.output import note


@click.command()
@data_dir_option
def migrate(data_dir: Path) -> None:
    """Bring the database up to this version, in one transaction."""
    from counterfoil import migrations
    from counterfoil.runtime.settings import PREFIX, SettingError, load

    try:
        settings = load({**os.environ, f"{PREFIX}DATA_DIR": str(data_dir)})
    except SettingError as error:
        raise Stop(Exit.CONFIG, str(error)) from None
    settings.prepare()
    note(f"✓ the database is at revision {migrations.migrate(settings.url)}")
