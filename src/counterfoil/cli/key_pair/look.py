"""`counterfoil key-pair list` and `show`: which there are."""

from __future__ import annotations

import click

from counterfoil.cli.key_pair.things import COLUMNS, PAIRS
from counterfoil.cli.output import put_list, put_one
from counterfoil.cli.talking import Options, open_client, talks


@click.command("list")
@talks
def list_(options: Options) -> None:
    """List the key-and-secret pairs of the organization."""
    with open_client(options) as client:
        put_list(
            PAIRS.each(client), COLUMNS, short="id name enabled scopes expires_at last_used_at"
        )


@click.command()
@click.argument("pair")
@talks
def show(options: Options, pair: str) -> None:
    """Show one pair, by key, id or name."""
    with open_client(options) as client:
        put_one(PAIRS.get(client, pair)[0], f"{COLUMNS} description")
