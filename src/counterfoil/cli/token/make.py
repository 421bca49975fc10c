"""`counterfoil token create` and `regenerate`: an API token, and another secret for one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import click

from counterfoil.cli.output import note, put_secret
from counterfoil.cli.output.put import require_place_for_secret
from counterfoil.cli.output.record import id_of
from counterfoil.cli.talking import Options, open_client, writes
from counterfoil.cli.talking.instants import span
from counterfoil.cli.talking.receipt import (
    how_to_prove,
    numbered,
    where_it_holds,
    with_effect,
    with_proof,
)
from counterfoil.cli.talking.things import resource, secret_of
from counterfoil.cli.token.things import TOKENS, Terms, new_terms

if TYPE_CHECKING:
    from counterfoil.client.answer import Answer

_SECOND: Final = timedelta(seconds=1)


@click.command()
@click.argument("name")
@new_terms
def create(options: Options, terms: Terms, *, name: str) -> None:
    """Make an API token called NAME: for a program, which stays when you leave.

    The secret, and nothing else, goes to standard output, once.
    """
    require_place_for_secret()
    attributes = {"name": name, **terms.said()}
    with open_client(options) as client:
        attributes |= terms.placed(client)
        _shown(TOKENS.create(client, attributes, terms.ties(client)), "is made")


@click.command()
@click.argument("token")
@click.option("--grace", help="Let the old secret go on for so long: `1h`, `7d`.")
@writes
def regenerate(options: Options, *, token: str, grace: str | None) -> None:
    """Give an API token another secret. Id, name and expiry stay; the old secret is dead.

    The new secret, and nothing else, goes to standard output, once.
    """
    require_place_for_secret()
    query = {} if grace is None else {"grace": int(span(grace, "--grace") / _SECOND)}
    with open_client(options) as client:
        at = TOKENS.at(TOKENS.id(client, token), "regenerate")
        _shown(client.wire.ask("POST", at, query=query), "has another secret")


def _shown(answer: Answer, done: str) -> None:
    from counterfoil.client.effect import Effect, entry_of

    made, effect, entry = resource(answer), Effect.of(answer), entry_of(answer)
    put_secret(secret_of(made, done), with_proof(with_effect(made, effect), entry))
    first, *late = where_it_holds(effect, f"✓ {id_of(made)} {done}")
    note(f"{first}{'' if effect else numbered(entry)}. This is the only time you see its secret:")
    note("  keep it in a secret store, or in a file that only you can read, outside of git.")
    for line in (*late, *how_to_prove(entry)):
        note(line)
