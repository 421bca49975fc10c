"""`counterfoil doctor`: looks at the server from here and, at its machine, at the installation."""

from __future__ import annotations

from pathlib import Path

import click

from counterfoil.cli.doctor.finding import Finding, Health
from counterfoil.cli.exits import Exit
from counterfoil.cli.output import note, on_terminal, printable, put_list
from counterfoil.cli.output.choice import chosen
from counterfoil.cli.talking import Options, talks


@click.command()
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="COUNTERFOIL_DATA_DIR",
    help="Look at the installation here too. [env: COUNTERFOIL_DATA_DIR]",
)
@talks
def doctor(options: Options, data_dir: Path | None) -> int:
    """Look for what is wrong, and say what mends it; nothing is changed.

    The configuration here, the way to the server, the server, its clock, and the credential; with
    --data-dir, the folder, the settings, the database and the room on the disk. Exit code 1 if
    something is broken.
    """
    from counterfoil.cli.doctor import installation, server

    found: list[Finding] = [] if data_dir is None else list(installation.look(data_dir))
    found += server.look(options)
    if chosen().form is None and on_terminal():
        for one in found:
            click.echo(printable(f"{one.health.value} {one.what:<16}{one.seen}"))
            if one.fix:
                click.echo(printable(f"  {'':<16}→ {one.fix}"))
    else:
        put_list([one.record() for one in found], "health what seen fix")
    broken = sum(one.health is Health.BAD for one in found)
    if broken:
        note(f"✗ {broken} of {len(found)} things need mending")
    return Exit.FAILED if broken else Exit.OK
