"""`counterfoil seal`: from when on users, memberships, roles and policies count as sealed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from counterfoil.cli.machine.ground import machine, nothing_done, settings_of
from counterfoil.cli.machine.serve import data_dir_option, dry_run_option
from counterfoil.cli.output import note

if TYPE_CHECKING:
    from counterfoil.runtime.settings import Settings


@click.command()
@data_dir_option
@click.option("--keys", is_flag=True, help="Sign under the audit.key and feed.key that are here.")
@dry_run_option
def seal(data_dir: Path, *, keys: bool, dry_run: bool) -> None:
    """Seal roles, members and policies as they are, once every server is of this version.

    Only an upgraded installation whose database is not the embedded one needs it, once. Restart the
    servers afterwards, one by one: each believes unsealed rows until then. A server of the version
    before writes rows without seals: what it changes after this is closed.

    With --keys nothing is sealed: the database names the keys under which all hosts sign the audit
    trail and the feed, and takes those of this host for them. Say so once they were replaced at
    every host, or where no host has the ones that it names.
    """
    from counterfoil.app import sealing

    settings = settings_of(data_dir)
    if keys:
        _take_keys(settings, dry_run=dry_run)
        return
    with machine():
        is_left = sealing.seal_directory(settings, dry_run=dry_run)
    if not is_left:
        note("✓ roles, members and policies are sealed already")
    elif dry_run:
        note("… roles, members and policies would be sealed as they are")
        nothing_done()
    else:
        note("✓ roles, members and policies are sealed: restart the servers, one by one")


def _take_keys(settings: Settings, *, dry_run: bool) -> None:
    """Say that all hosts sign under the keys of this one, or that they would."""
    from counterfoil.app import sealing

    with machine():
        is_news = sealing.take_keys(settings, dry_run=dry_run)
    if not is_news:
        note("✓ trail and feed are signed under the keys of this host")
    elif dry_run:
        note("… trail and feed would be signed under the keys of this host, and no others")
    else:
        note("✓ trail and feed are signed under the keys of this host: restart the servers")
    if dry_run:
        nothing_done()
