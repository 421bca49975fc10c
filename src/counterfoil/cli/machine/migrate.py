"""`counterfoil migrate`: bring the database up to this version."""

from __future__ import annotations

from pathlib import Path

import click

from counterfoil.cli.machine.ground import machine, nothing_done, settings_of
from counterfoil.cli.machine.serve import data_dir_option, dry_run_option
from counterfoil.cli.output import bar, note


@click.command()
@data_dir_option
@dry_run_option
def migrate(data_dir: Path, *, dry_run: bool) -> None:
    """Bring the database up to this version, in one transaction.

    The version before goes on running meanwhile. A database that a newer version has brought
    further is left as it is.
    """
    from counterfoil.app import fit

    settings = settings_of(data_dir)
    if dry_run:
        with machine():
            now, then = fit.foreseen(settings)
        if now == then:
            note(f"… the database is at revision {then}, as this version wants it")
        else:
            note(f"… the database would go from revision {now or 'none'} to {then}")
        nothing_done()
        return
    settings.prepare()
    with machine():
        with bar() as tell:
            revision = fit.bring_up(settings.url, tell)
        note(f"✓ the database is at revision {revision}")
