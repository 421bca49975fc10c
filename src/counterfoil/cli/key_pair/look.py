"""`counterfoil key-pair list` and `show`: which there are."""

from __future__ import annotations

from typing import Final

import click

from counterfoil.cli.key_pair.things import COLUMNS, PAIRS
from counterfoil.cli.output import put_list, put_one
from counterfoil.cli.talking import Options, gathered, open_client, talks
from counterfoil.cli.token.seeking import Sought, seeking

_LIVE: Final = "active,disabled"
"""Revoked pairs are listed too: of these nobody asks who uses them."""


@click.command("list")
@seeking
@talks
@gathered(Sought)
def list_(options: Options, sought: Sought) -> None:
    """List the key-and-secret pairs of the organization."""
    filters = sought.filters()
    if sought.unused_for:
        filters["state"] = _LIVE
    with open_client(options) as client:
        put_list(
            PAIRS.each(client, filters),
            COLUMNS,
            short="id name enabled scopes expires_at last_used_at",
        )


@click.command()
@click.argument("pair")
@talks
def show(options: Options, pair: str) -> None:
    """Show one pair, by key, id or name."""
    with open_client(options) as client:
        put_one(PAIRS.get(client, pair)[0], f"{COLUMNS} description")
