"""`counterfoil key-pair create`: a key and its secret."""

from __future__ import annotations

import click

from counterfoil.cli.key_pair.things import PAIRS
from counterfoil.cli.output import note, put_secret
from counterfoil.cli.output.put import require_place_for_secret
from counterfoil.cli.output.record import id_of
from counterfoil.cli.talking import Options, open_client
from counterfoil.cli.talking.receipt import how_to_prove, numbered, with_proof
from counterfoil.cli.talking.things import resource, secret_of
from counterfoil.cli.token.things import Terms, new_terms


@click.command()
@click.argument("name")
@new_terms
def create(options: Options, terms: Terms, *, name: str) -> None:
    """Make a pair called NAME, for a program that knows a client id and a client secret.

    The secret, and nothing else, goes to standard output, once; the key goes to standard error.
    """
    from counterfoil.client.effect import entry_of

    require_place_for_secret()
    attributes = {"name": name, **terms.said()}
    with open_client(options) as client:
        attributes |= terms.placed(client)
        answer = PAIRS.create(client, attributes, terms.ties(client))
    made, entry = resource(answer), entry_of(answer)
    put_secret(secret_of(made, "is made"), with_proof(made, entry))
    note(f"✓ {id_of(made)} is made{numbered(entry)}. Its key, the client id, is {made['id']}")
    note("  This is the only time you see its secret: keep it in a secret store.")
    for line in how_to_prove(entry):
        note(line)
