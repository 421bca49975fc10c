"""`counterfoil seal`: from when on users, memberships, roles and policies count as sealed."""

from __future__ import annotations

from pathlib import Path

import click

from counterfoil.cli.machine.ground import machine, nothing_done, settings_of
from counterfoil.cli.machine.serve import data_dir_option, dry_run_option
from counterfoil.cli.output import note


@click.command()
@data_dir_option
@dry_run_option
def seal(data_dir: Path, *, dry_run: bool) -> None:
    """Seal roles, members and policies as they are, once every server is of this version.

    Only an upgraded installation whose database is not the embedded one needs it, once. Restart the
    servers afterwards, one by one: each believes unsealed rows until then. A server of the version
    before writes rows without seals: what it changes after this is closed.
    """
    from counterfoil.app import sealing

    settings = settings_of(data_dir)
    with machine():
        is_left = sealing.seal_directory(settings, dry_run=dry_run)
    if not is_left:
        note("✓ roles, members and policies are sealed already")
    elif dry_run:
        note("… roles, members and policies would be sealed as they are")
        nothing_done()
    else:
        note("✓ roles, members and policies are sealed: restart the servers, one by one")
