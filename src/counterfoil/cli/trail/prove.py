"""`counterfoil audit checkpoint` and `receipt`: what others can hold the trail against."""

from __future__ import annotations

import click

from counterfoil.cli.numbers import Whole
from counterfoil.cli.output import put_value
from counterfoil.cli.output.choice import chosen
from counterfoil.cli.talking import Options, open_client, talks


@click.command()
@click.option("--since", type=Whole(0), help="Prove that it goes on from so many entries.")
@talks
def checkpoint(options: Options, since: int | None) -> None:
    """Print how many entries the trail has and the root over them, signed; nothing secret is in it.

    Keep it where whoever could change the trail cannot change it too, and give it later to
    `audit verify --against`.
    """
    query = {} if since is None else {"since": str(since)}
    with open_client(options) as client:
        document = client.wire.ask("GET", "/cma/audit_checkpoint", query=query).document
    if chosen().is_data or since is not None:
        put_value(document)
    else:
        click.echo(document["data"]["attributes"]["note"], nl=False)


@click.command()
@click.argument("entry", type=Whole(1))
@click.option("--since", type=Whole(0), help="Prove that it goes on from so many entries.")
@talks
def receipt(options: Options, entry: int, since: int | None) -> None:
    """Print the proof that an entry is in the trail, by its number in `audit search`.

    Whoever makes, approves or revokes a token is told the number as well, and has the proof of it
    without any scope. Whoever has the proof can verify it without this installation: `audit verify
    RECEIPT`, and --against a checkpoint that had as many entries as --since says.
    """
    query = {} if since is None else {"since": str(since)}
    with open_client(options) as client:
        answer = client.wire.ask("GET", f"/cma/audit_events/{entry}/receipt", query=query)
    put_value(answer.document)
