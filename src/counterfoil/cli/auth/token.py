"""`counterfoil auth token`: the credential itself, for another program."""

from __future__ import annotations

import click

from counterfoil.cli.output.choice import chosen
from counterfoil.cli.talking import Options, agent, talks
from counterfoil.cli.talking.reaching import credential_for


@click.command()
@talks
def token(options: Options) -> None:
    """Print the token that commands send, for another program: `$(counterfoil auth token)`.

    Of a session or of a key and secret it is one that is good for some minutes.
    """
    click.echo(printed(options))


def printed(options: Options) -> str:
    """Return the bearer for whom it is printed alone."""
    from counterfoil.client import Client

    if chosen().form is not None:
        raise click.UsageError("This prints it alone, in no other form.")
    server, credential = credential_for(options)
    with Client(server.url, agent=agent()) as client:
        return str(client.wire.run(credential.bearer(client.wire.manners.form)))
