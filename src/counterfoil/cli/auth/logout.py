"""`counterfoil auth logout`: forget the stored credential, and end the session at the server."""

from __future__ import annotations

from pathlib import Path

import click

from counterfoil.cli.auth.login import config_option
from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output.text import note
from counterfoil.cli.talking import Options, agent
from counterfoil.cli.talking.receipt import where_it_holds
from counterfoil.kernel.usual import USUAL_URL


@click.command()
@config_option
@click.option("--profile", help="Of this profile, not of the one in use.")
@click.option("--dry-run", is_flag=True, help="Say what would be forgotten; forget nothing.")
def logout(*, config: Path | None, profile: str | None, dry_run: bool) -> None:
    """Forget the stored credential, and end the session at the server."""
    file = Options(config=config, profile=profile).file
    with file.held():
        found = file.read()
        if not found.holds:
            raise Stop(Exit.UNAUTHENTICATED, "Nobody is signed in")
        if dry_run:
            note(f"… the {found.holds} for {found.url or USUAL_URL} would be forgotten")
            return
        file.write(found.without_credential())
    if found.session is None:
        note("✓ forgotten; the token itself is still in force")
    else:
        _end(found.url or USUAL_URL, found.session.refresh)


def _end(url: str, refresh: str) -> None:
    """End a session whose credential is forgotten here; whether the server did is told."""
    from counterfoil.client import Client, ClientError
    from counterfoil.client.credential import CLI_CLIENT

    try:
        with Client(url, agent=agent()) as client:
            effect = client.end(refresh, CLI_CLIENT)
    except ClientError as error:
        note(f"! forgotten here, but {url} did not end the session: {error}")
        note("  It ends by itself; to end it now, sign in and look under Security.")
        return
    for line in where_it_holds(effect, "✓ signed out"):
        note(line)
