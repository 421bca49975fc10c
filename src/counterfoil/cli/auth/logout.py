"""`counterfoil auth logout`: forget the stored credential, and end the session at the server."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from counterfoil.cli.auth.login import config_option
from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output.text import note
from counterfoil.cli.talking import Options, agent
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
    if found.session is not None:
        from counterfoil.client import Client, ClientError
        from counterfoil.client.credential import CLI_CLIENT

        with suppress(ClientError), Client(found.url or USUAL_URL, agent=agent()) as client:
            client.end(found.session.refresh, CLI_CLIENT)
    note("✓ signed out" if found.session else "✓ forgotten; the token itself is still in force")
