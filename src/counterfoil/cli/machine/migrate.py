"""`counterfoil migrate`: bring the database up to this version."""

from __future__ import annotations

from pathlib import Path

import click

from counterfoil.cli.machine.ground import machine, settings_of
from counterfoil.cli.machine.serve import data_dir_option
from counterfoil.cli.output import note


@click.command()
@data_dir_option
def migrate(data_dir: Path) -> None:
    """Bring the database up to this version, in one transaction.

    The version before goes on running meanwhile. A database that a newer version has brought
    further is left as it is.
    """
    from counterfoil import app

    settings = settings_of(data_dir)
    settings.prepare()
    with machine():
        note(f"✓ the database is at revision {app.bring_up(settings.url)}")
