"""`counterfoil token list` and `show`: which there are."""

from __future__ import annotations

import click

from counterfoil.cli.output import put_list, put_one
from counterfoil.cli.talking import Options, gathered, open_client, talks
from counterfoil.cli.token.seeking import Sought, seeking
from counterfoil.cli.token.things import COLUMNS, TOKENS


@click.command("list")
@seeking
@talks
@gathered(Sought)
def list_(options: Options, sought: Sought) -> None:
    """List the API tokens of the organization."""
    with open_client(options) as client:
        put_list(
            TOKENS.each(client, sought.filters()),
            COLUMNS,
            short="id name enabled scopes expires_at last_used_at",
        )


@click.command()
@click.argument("token")
@talks
def show(options: Options, token: str) -> None:
    """Show one API token, by id or name."""
    with open_client(options) as client:
        put_one(TOKENS.get(client, token)[0], f"{COLUMNS} description")
