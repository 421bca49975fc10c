"""`counterfoil auth header`: the header that carries the credential, for another program."""

from __future__ import annotations

import click

from counterfoil.cli.auth.token import printed
from counterfoil.cli.talking import Options, talks


@click.command()
@talks
def header(options: Options) -> None:
    """Print the header that commands send: `curl -H @<(counterfoil auth header) …`.

    So the token stands neither in `ps` nor in the shell's history. Of a session or of a key and
    secret it is one that is good for some minutes.
    """
    click.echo(f"Authorization: Bearer {printed(options)}")
