"""`counterfoil version`: which version this is, in a word of its own."""

from __future__ import annotations

import click

from counterfoil import __version__
from counterfoil.cli.output import output_options, put_value
from counterfoil.cli.output.choice import chosen


@click.command()
@output_options
def version() -> None:
    """Print which version this is, as `counterfoil --version` does."""
    if chosen().is_data:
        put_value({"program": "counterfoil", "version": __version__})
        return
    click.echo(f"counterfoil {__version__}")
