"""`counterfoil pat list`, `show` and `usage`: which tokens you have, and what they are used for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from counterfoil.cli.output import put_list, put_one
from counterfoil.cli.output.choice import chosen
from counterfoil.cli.pat.things import PERSONAL
from counterfoil.cli.talking import Options, gathered, open_client, talks
from counterfoil.cli.talking.instants import ago, read_expiry
from counterfoil.cli.talking.people import People
from counterfoil.kernel.clock import system_clock

if TYPE_CHECKING:
    from counterfoil.cli.output.record import Resource
    from counterfoil.client.model import PersonalToken

STATES: Final = click.Choice(
    ("pending", "active", "disabled", "expired", "revoked", "denied", "lapsed")
)
_KEYS: Final = ("name", "created_at", "expires_at", "last_used_at")
SORTS: Final = click.Choice([f"{sign}{key}" for sign in ("", "-") for key in _KEYS])
RANGES: Final = click.Choice(("24h", "7d", "30d"))

_DIGITS: Final = 16
_COLUMNS: Final = "id name token_hint state scopes roots expires_at last_used_at"


@dataclass(frozen=True)
class Sought:
    """Which tokens a list shows, and in which order."""

    state: tuple[str, ...]
    query: str | None
    expires_before: str | None
    unused_for: str | None
    sort: str | None
    everybody: bool

    def said(self) -> dict[str, str]:
        """Return it as the client takes it."""
        now = system_clock()
        before, unused = self.expires_before, self.unused_for
        said = {
            "state": ",".join(self.state),
            "query": self.query,
            "expires_before": before and read_expiry(before, now, "--expires-before"),
            "last_used_before": unused and ago(unused, now, "--unused-for"),
            "owner": "all" if self.everybody else None,
            "sort": self.sort,
        }
        return {name: value for name, value in said.items() if value}


@click.command("list")
@click.option("--state", multiple=True, type=STATES, help="Only these; may be repeated.")
@click.option("--query", help="Part of the name, or the last four characters of the secret.")
@click.option("--expires-before", help="Only those that end within `30d`, or before a date.")
@click.option("--unused-for", help="Only those that nobody used for so long: `90d`.")
@click.option("--sort", type=SORTS, help="By what; a - before it turns it round.")
@click.option("--everybody", is_flag=True, help="Everybody's, if you may approve tokens.")
@talks
@gathered(Sought)
def list_(options: Options, sought: Sought) -> None:
    """List your tokens in this organization."""
    with open_client(options) as client:
        tokens = [token.source for token in client.tokens.list(**sought.said())]
        if not sought.everybody or chosen().is_data:
            put_list(tokens, _COLUMNS)
            return
        people = People(client)

        def owner(token: Resource) -> str:
            return people.name(token["relationships"]["owner"]["data"]["id"])

        put_list(tokens, f"{_COLUMNS} owner", {"owner": owner})


@click.command()
@click.argument("token")
@click.option(
    "--range", "range_", type=RANGES, default="24h", show_default=True, help="Up to now, so long."
)
@talks
def usage(options: Options, *, token: str, range_: str) -> None:
    """Count how a token was used, by outcome, surface, client and network."""
    with open_client(options) as client:
        put_usage(client.tokens.usage(PERSONAL.id(client, token), range_))


def put_usage(found: Resource) -> None:
    """Print how a token was used."""
    if chosen().is_data:
        put_one(found, "")
        return
    told = found["attributes"]
    rows: list[dict[str, Any]] = [
        {"what": "outcome", "name": name, "count": count, "refused": ""}
        for name, count in told["totals"].items()
        if count
    ]
    rows += [
        {"what": "surface", "name": name, "count": count, "refused": ""}
        for name, count in told["surfaces"].items()
        if count
    ]
    for kind in ("clients", "networks"):
        rows += [{"what": kind[:-1], **one} for one in told[kind]]
    put_list(rows, "what name count refused")


@click.command()
@click.argument("token")
@talks
def show(options: Options, token: str) -> None:
    """Show one token, by id or name."""
    with open_client(options) as client:
        found = client.tokens.get(PERSONAL.id(client, token))
    put_one(
        found.source,
        "id name token_hint state scopes roots surfaces last_used_at expires_at flagged",
        {
            "last_used_at": lambda _: _last_use(found),
            "flagged": lambda _: list(found.flags) or None,
        },
    )


def _last_use(token: PersonalToken) -> str:
    """Say when, by which client and from which network."""
    if token.last_used_at is None:
        return "never"
    return f"{token.last_used_at} by {token.last_client} from {token.last_network}"
