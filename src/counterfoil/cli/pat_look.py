"""`counterfoil pat list`, `show` and `usage`: which tokens you have, and what they are used for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import click

from counterfoil.cli.exits import Exit
from counterfoil.cli.failure import Stop
from counterfoil.cli.instants import ago, read_expiry
from counterfoil.cli.output import on_terminal, places, put_json, put_rows, words
from counterfoil.cli.people import People
from counterfoil.cli.talking import Options, gathered, open_client, talks
from counterfoil.client import Client
from counterfoil.client.model import PersonalToken
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.ids import Prefix

STATES: Final = click.Choice(
    ("pending", "active", "disabled", "expired", "revoked", "denied", "lapsed")
)
_KEYS: Final = ("name", "created_at", "expires_at", "last_used_at")
SORTS: Final = click.Choice([f"{sign}{key}" for sign in ("", "-") for key in _KEYS])
RANGES: Final = click.Choice(("24h", "7d", "30d"))

_DIGITS: Final = 16
_HEADINGS: Final = ("ID", "NAME", "TOKEN", "STATE", "SCOPES", "ROOTS", "EXPIRES", "LAST USED")


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
def list_(options: Options, sought: Sought, *, as_json: bool) -> None:
    """List your tokens in this organization."""
    with open_client(options) as client:
        tokens = list(client.personal_tokens(**sought.said()))
        people = People(client)
        if as_json:
            put_json([token.source for token in tokens])
            return
        headings: tuple[str, ...] = _HEADINGS
        rows = [_row(token) for token in tokens]
        if sought.everybody:
            headings = (*headings, "OWNER")
            owners = [people.name(token.owner) for token in tokens]
            rows = [(*row, owner) for row, owner in zip(rows, owners, strict=True)]
    put_rows(headings, rows)


def _row(token: PersonalToken) -> tuple[str, ...]:
    return (
        token.spelled,
        token.name,
        token.hint,
        token.state,
        "inherit" if token.scopes is None else words(token.scopes),
        places(token.roots),
        _day(token.expires_at),
        _day(token.last_used_at),
    )


def _day(at: str | None) -> str:
    """Say an instant; on a terminal the day alone, as a line has no room for more."""
    if at is None:
        return "never"
    return at[: len("2027-01-31")] if on_terminal() else at


@click.command()
@click.argument("token")
@click.option("--range", "range_", type=RANGES, default="24h", show_default=True)
@talks
def usage(options: Options, *, as_json: bool, token: str, range_: str) -> None:
    """Count how a token was used, by outcome, client and network."""
    with open_client(options) as client:
        found = client.personal_token_usage(find(client, token), range_)
    if as_json:
        put_json(found)
        return
    told = found["attributes"]
    rows = [("outcome", name, count, "") for name, count in told["totals"].items() if count]
    for kind in ("clients", "networks"):
        rows += [(kind[:-1], one["name"], one["count"], one["refused"]) for one in told[kind]]
    put_rows(("", "", "COUNT", "REFUSED"), rows)


@click.command()
@click.argument("token")
@talks
def show(options: Options, as_json: bool, token: str) -> None:
    """Show one token, by id or name."""
    with open_client(options) as client:
        found = client.personal_token(find(client, token))
    if as_json:
        put_json(found.source)
        return
    put_rows(
        ("", ""),
        [
            ("id", found.spelled),
            ("name", found.name),
            ("token", found.hint),
            ("state", found.state),
            ("scopes", "inherit" if found.scopes is None else words(found.scopes)),
            ("roots", places(found.roots)),
            ("surfaces", words(found.surfaces)),
            ("last used", _last_use(found)),
            ("expires", found.expires_at or "never"),
            *(("flagged", said) for said in found.flags),
        ],
    )


def _last_use(token: PersonalToken) -> str:
    """Say when, by which client and from which network."""
    if token.last_used_at is None:
        return "never"
    return f"{token.last_used_at} by {token.last_client} from {token.last_network}"


def find(client: Client, token: str) -> str:
    """Return the id of a token that is named by id or by name."""
    digits = token.removeprefix(f"{Prefix.TOKEN}_")
    if len(digits) == _DIGITS and digits.isdigit():
        return digits
    found = [one for one in client.personal_tokens() if one.name == token]
    live = [one for one in found if one.state in {"active", "pending", "disabled"}] or found
    if not live:
        raise Stop(Exit.NOT_FOUND, f"You have no token called {token!r}", "counterfoil pat list")
    if len(live) > 1:
        raise Stop(
            Exit.CONFLICT,
            f"{len(live)} of your tokens are called {token!r}",
            "Name it by id: " + ", ".join(one.spelled for one in live),
        )
    return live[0].id
