"""`counterfoil audit search` and `export`: the entries that answer a question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import click

from counterfoil.cli.numbers import Whole
from counterfoil.cli.output import put_list, put_stream
from counterfoil.cli.talking import Options, gathered, open_client, talks
from counterfoil.cli.talking.instants import ago, read_expiry
from counterfoil.cli.talking.people import People
from counterfoil.cli.talking.things import each
from counterfoil.cli.trail.tail import COLUMNS, SHORT, told_of
from counterfoil.kernel.clock import system_clock

if TYPE_CHECKING:
    from counterfoil.cli.output.record import Resource
    from counterfoil.client import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which entries are meant."""

    actor: str | None
    token: str | None
    operation: str | None
    target: str | None
    api: str | None
    outcome: str | None
    address: str | None
    since: str | None
    before: str | None

    def entries(self, client: Client) -> Iterator[Resource]:
        """Yield them, the newest first."""
        from counterfoil.cli.api.routes import APIS
        from counterfoil.cli.people.things import USERS

        said = {
            "actor": self.actor and USERS.id(client, self.actor),
            "token": self.token,
            "operation": self.operation,
            "target": self.target,
            "api": self.api and APIS.id(client, self.api),
            "outcome": self.outcome,
            "address": self.address,
            "since": self.since and _instant(self.since, "--since"),
            "before": self.before and _instant(self.before, "--before"),
        }
        return each(client, "/cma/audit_events", {key: one for key, one in said.items() if one})


def sought_options(command: click.decorators.FC) -> click.decorators.FC:
    """Give a command the options that say which entries are meant."""
    for option in (
        click.option("--before", help="Before this instant, or so long ago: `7d`."),
        click.option("--since", help="Since this instant, or so long ago: `24h`."),
        click.option("--address", help="From this address or network: `203.0.113.0/24`."),
        click.option("--outcome", help="`allowed`, or the code of a refusal."),
        click.option("--api", help="What went through the gate to this API, by id or by name."),
        click.option("--target", help="On this: `tok_…`, `nod_…`."),
        click.option("--operation", help="Only this operation: `token.revoke`."),
        click.option("--token", help="By this token, by id."),
        click.option("--actor", help="By this member, by e-mail address or id."),
    ):
        command = option(command)
    return command


@click.command()
@sought_options
@click.option(
    "-n", "--lines", default=100, type=Whole(1, 100_000), show_default=True,
    help="So many at most.",
)  # fmt: skip
@talks
@gathered(Sought)
def search(options: Options, sought: Sought, *, lines: int) -> None:
    """Show the entries that answer a question, the newest first."""
    with open_client(options) as client:
        more = told_of(People(client))
        put_list(islice(sought.entries(client), lines), COLUMNS, more, short=SHORT)


@click.command()
@sought_options
@talks
@gathered(Sought)
def export(options: Options, sought: Sought) -> None:
    """Print every entry that answers a question, however many: CSV, or `-o ndjson`.

    Cells that a spreadsheet would take for formulas are quoted.
    """
    columns = (
        "id at user token token_name operation target outcome method address agent request_id "
        "api route changes"
    )
    with open_client(options) as client:
        put_stream(sought.entries(client), columns)


def _instant(text: str, option: str) -> str:
    """Return an instant for `24h`, `2027-01-31` (its beginning, in UTC) or an ISO instant."""
    now = system_clock()
    if text[-1:] in {"h", "d", "w"}:
        return ago(text, now, option)
    is_day = len(text) == len("2027-01-31")
    try:
        read = read_expiry(f"{text}T00:00:00Z" if is_day else text, now, option)
    except click.BadParameter:
        read = None
    if read is None:
        message = f"{text!r} is no instant: try 24h, 7d or 2027-01-31."
        raise click.BadParameter(message, param_hint=option)
    return read
