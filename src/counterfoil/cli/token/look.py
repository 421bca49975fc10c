"""`counterfoil token list` and `show`, and `counterfoil usage`: which there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from counterfoil.cli.key_pair.things import PAIRS
from counterfoil.cli.output import put_list, put_one
from counterfoil.cli.pat.look import RANGES, put_usage
from counterfoil.cli.pat.things import PERSONAL
from counterfoil.cli.talking import Options, gathered, open_client, talks
from counterfoil.cli.talking.instants import ago, read_expiry
from counterfoil.cli.talking.things import Things, resource
from counterfoil.cli.token.things import COLUMNS, TOKENS
from counterfoil.kernel.clock import system_clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from counterfoil.client import Client


@dataclass(frozen=True, kw_only=True)
class Sought:
    """Which API tokens a list shows."""

    query: str | None
    expires_before: str | None
    unused_for: str | None

    def filters(self) -> dict[str, str]:
        """Return it as the API takes it."""
        now = system_clock()
        said = {
            "query": self.query,
            "expires_before": self.expires_before
            and read_expiry(self.expires_before, now, "--expires-before"),
            "last_used_before": self.unused_for and ago(self.unused_for, now, "--unused-for"),
        }
        return {name: value for name, value in said.items() if value}


@click.command("list")
@click.option("--query", help="Part of the name, or the last four characters of the secret.")
@click.option("--expires-before", help="Only those that end within `30d`, or before a date.")
@click.option("--unused-for", help="Only those that nobody used for so long: `90d`.")
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
    """Return how one of your own tokens was used or, if it is none, an API token or a pair."""
    from counterfoil.cli.exits import Stop
    from counterfoil.client import Denied, NotFound

    absent = (Denied, NotFound, Stop)
    try:
        return client.tokens.usage(PERSONAL.id(client, named), range_)
    except absent:
        pass
    try:
        return _lent(client, TOKENS, named, range_)
    except absent as no_api_token:
        try:
            return _lent(client, PAIRS, named, range_)
        except absent:
            raise no_api_token from None


def _lent(client: Client, things: Things, named: str, range_: str) -> Mapping[str, Any]:
    at = things.at(things.id(client, named), "usage")
    return resource(client.wire.ask("GET", at, query={"range": range_}))
