"""`counterfoil auth logout`: forget the stored credential, and end the session at the server."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from counterfoil.cli.auth.login import config_option
from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output.text import note
from counterfoil.cli.talking import DEFAULT_URL, Options, agent


@click.command()
@config_option
@click.option("--profile", help="Of this profile, not of the one in use.")
def logout(config: Path | None, profile: str | None) -> None:
    """Forget the stored credential, and end the session at the server."""
    file = Options(config=config, profile=profile).file
    with file.held():
        found = file.read()
        if not found.holds:
            raise Stop(Exit.UNAUTHENTICATED, "Nobody is signed in")
        file.write(found.without_credential())
    if found.session is not None:
        from counterfoil.client import Client, ClientError
        from counterfoil.client.credential import CLI_CLIENT

        with suppress(ClientError), Client(found.url or DEFAULT_URL, agent=agent()) as client:
            client.end(found.session.refresh, CLI_CLIENT)
    note("✓ signed out" if found.session else "✓ forgotten; the token itself is still in force")
