"""`counterfoil key-pair create`: a key and its secret."""

from __future__ import annotations

import click

from counterfoil.cli.key_pair.things import PAIRS
from counterfoil.cli.output import note, put_secret
from counterfoil.cli.output.put import require_place_for_secret
from counterfoil.cli.output.record import id_of
from counterfoil.cli.talking import Options, gathered, open_client, writes
from counterfoil.cli.talking.conditions import conditions
from counterfoil.cli.talking.things import resource
from counterfoil.cli.talking.wanted import SURFACES
from counterfoil.cli.token.things import Terms


@click.command()
@click.argument("name")
@click.option("--role", help="By this role's authority, by name or id.")
@click.option("--user", help="By this user's authority, by e-mail address or id.")
@click.option("--scope", "scopes", multiple=True, help="What it may do; may be repeated.")
@click.option("--inherit", is_flag=True, help="All that its role or user may do.")
@click.option("--root", "roots", multiple=True, help="A node by id or /path; may be repeated.")
@click.option("--surface", "surfaces", multiple=True, type=SURFACES)
@click.option("--expires", help="`90d`, `12w`, a date, an instant, or `never`.")
@click.option("--description", help="Say this of it.")
@conditions
@writes
@gathered(Terms)
def create(options: Options, terms: Terms, *, name: str) -> None:
    """Make a pair called NAME, for a program that knows a client id and a client secret.

    The secret, and nothing else, goes to standard output, once; the key goes to standard error.
    """
    require_place_for_secret()
    attributes = {"name": name, **terms.said()}
    with open_client(options) as client:
        attributes |= terms.placed(client)
        made = resource(PAIRS.create(client, attributes, terms.ties(client)))
    secret = made["attributes"].get("token")
    if not isinstance(secret, str):
        from counterfoil.client import SecretLost

        raise SecretLost(f"{id_of(made)} is made, but the answer with its secret got lost")
    put_secret(secret, made)
    note(f"✓ {id_of(made)} is made. Its key, the client id, is {made['id']}")
    note("  This is the only time you see its secret: keep it in a secret store.")
