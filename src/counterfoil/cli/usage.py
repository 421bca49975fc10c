"""`counterfoil usage`: how whatever has a secret was used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from counterfoil.cli.exits import Stop
from counterfoil.cli.key_pair.things import PAIRS
from counterfoil.cli.pat.look import RANGES, put_usage
from counterfoil.cli.pat.things import PERSONAL
from counterfoil.cli.talking import Options, open_client, talks
from counterfoil.cli.talking.things import Things, resource
from counterfoil.cli.token.things import TOKENS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from counterfoil.client import Client


@click.command()
@click.argument("token")
@click.option(
    "--range", "range_", type=RANGES, default="24h", show_default=True, help="Up to now, so long."
)
@talks
def usage(options: Options, *, token: str, range_: str) -> None:
    """Count how a token or a pair was used, by outcome, surface, client and network."""
    with open_client(options) as client:
        put_usage(_usage(client, token, range_))


def _usage(client: Client, named: str, range_: str) -> Mapping[str, Any]:
    """Return how one of your own tokens was used or, if it is none, an API token or a pair.

    Raises:
        what the look for an API token raised, if it is none of the three.
    """
    from counterfoil.client import Denied, NotFound

    absent: list[Exception] = []
    looks: tuple[Callable[[], Mapping[str, Any]], ...] = (
        lambda: client.tokens.usage(PERSONAL.id(client, named), range_),
        lambda: _lent(client, TOKENS, named, range_),
        lambda: _lent(client, PAIRS, named, range_),
    )
    for look in looks:
        try:
            return look()
        except (Denied, NotFound, Stop) as error:
            absent.append(error)
    raise absent[1] from None


def _lent(client: Client, things: Things, named: str, range_: str) -> Mapping[str, Any]:
    at = things.at(things.id(client, named), "usage")
    return resource(client.wire.ask("GET", at, query={"range": range_}))
