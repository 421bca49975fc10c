"""`counterfoil key-pair edit`, `enable`, `disable` and `delete`: what becomes of a pair."""

from __future__ import annotations

from typing import Any

import click

from counterfoil.cli.key_pair.things import PAIRS
from counterfoil.cli.output.record import id_of
from counterfoil.cli.talking import Options, open_client, writes
from counterfoil.cli.talking.fate import revoke, switch
from counterfoil.cli.talking.instants import read_expiry
from counterfoil.cli.talking.receipt import put_changed
from counterfoil.cli.talking.things import resource
from counterfoil.kernel.clock import system_clock


@click.command()
@click.argument("pair")
@click.option("--name", help="Call it this.")
@click.option("--description", help="Say this of it.")
@click.option("--expires", help="Sooner than now: `7d`, a date, an instant; never later.")
@writes
def edit(
    options: Options,
    *,
    pair: str,
    name: str | None,
    description: str | None,
    expires: str | None,
) -> None:
    """Change what a pair is called, and until when it is good. What it may do stays."""
    said = {"name": name, "description": description}
    attributes: dict[str, Any] = {key: one for key, one in said.items() if one is not None}
    if expires:
        attributes["expires_at"] = read_expiry(expires, system_clock())
    if not attributes:
        raise click.UsageError("Say what to change: --name, --description or --expires.")
    with open_client(options) as client:
        answer = PAIRS.patch(client, pair, attributes)
    changed = resource(answer)
    put_changed(changed, answer, f"✓ {id_of(changed)} is changed")


@click.command()
@click.argument("pairs", nargs=-1, required=True, metavar="PAIR…")
@writes
def enable(options: Options, *, pairs: tuple[str, ...]) -> None:
    """Switch pairs on again, by key, id or name; their secrets work as before."""
    switch(options, PAIRS, pairs, on=True)


@click.command()
@click.argument("pairs", nargs=-1, required=True, metavar="PAIR…")
@writes
def disable(options: Options, *, pairs: tuple[str, ...]) -> None:
    """Switch pairs off, by key, id or name. What was given for them ends at once."""
    switch(options, PAIRS, pairs, on=False)


@click.command()
@click.argument("pairs", nargs=-1, required=True, metavar="PAIR…")
@click.option("--yes", is_flag=True, help="Do not ask.")
@writes
def delete(options: Options, *, pairs: tuple[str, ...], yes: bool) -> None:
    """Revoke pairs, by key, id or name, for good, with every token that was given for them."""
    revoke(options, PAIRS, pairs, yes=yes)
